"""Downloading the rows of a list."""

from collections.abc import Iterator
from itertools import chain, islice

from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from core.resources.exporting import Export, as_csv, as_xlsx
from core.resources.pages.page import Page
from core.resources.querying import Query

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BLOCK = 500


class ExportPage(Page):
    """?format=csv|xlsx, the list's filters, and ?columns= for other columns than all."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        names = [name for text in request.GET.getlist("columns") for name in text.split(",") if name]
        export = Export(self.resource, request.user, names or self.resource.readable)
        try:
            query = Query(self.resource, request.user, request.GET)
            rows = export.rows(query.ordered(query.rows(), request.GET.get("sort", "")))
        except ValidationError as error:
            return HttpResponse(
                "; ".join(error.messages), status=400, content_type="text/plain; charset=utf-8"
            )
        name = f"{self.resource.plural}.{'xlsx' if request.GET.get('format') == 'xlsx' else 'csv'}"
        if name.endswith("xlsx"):
            file = as_xlsx(rows, self.resource.plural)
            return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
        answer = StreamingHttpResponse(_blocks(as_csv(rows)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    """Some hundred lines at once: a network write a line would be slow."""
    for first in lines:
        yield "".join(chain([first], islice(lines, BLOCK)))
