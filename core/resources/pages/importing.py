"""Import in two steps: upload and look at what would happen, then apply exactly that."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from core import history
from core.models import Upload
from core.resources.exporting import as_csv
from core.resources.import_guide import columns, guide
from core.resources.importing import CREATE, REJECTED, UNCHANGED, UPDATE, Import, Plan, PlanChanged
from core.resources.locking import Busy, retried
from core.resources.pages.page import Page
from core.resources.tables import MAX_BYTES, UnreadableTable, read
from core.resources.writing import InvalidObjects

KEPT = timedelta(days=1)
SHOWN = 500


class ImportPage(Page):
    operation = "import"
    template = "resources/import.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.require_writing()
        return self.template_file() if "template" in request.GET else self.show()

    def template_file(self) -> HttpResponse:
        """A CSV file with nothing but the head, to be filled in."""
        names = list(columns(self.resource, self.request.user))
        answer = HttpResponse("".join(as_csv([names])), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.resource.plural}-template.csv"'
        return answer

    def post(self, request: HttpRequest) -> HttpResponse:
        self.require_writing()
        return self.apply() if "token" in request.POST else self.preview()

    def require_writing(self) -> None:
        if not (self.may("add") or self.may("change")):
            raise PermissionDenied(f"You may not import {self.resource.label_plural.lower()}")

    def preview(self) -> HttpResponse:
        file = self.request.FILES.get("file")
        if file is None or file.size is None:
            return self.show(problem="File: choose a CSV or XLSX file.", status=422)
        if file.size > MAX_BYTES:
            return self.show(problem=f"File: larger than {MAX_BYTES // 2**20} MB.", status=422)
        content = file.read()
        try:
            plan = Import(self.resource, self.request.user, read(content, file.name or "")).plan()
        except UnreadableTable as error:
            return self.show(problem=f"File: {error}.", status=422)
        return self.show_plan(plan, self.keep(content, file.name or "", plan))

    def keep(self, content: bytes, name: str, plan: Plan) -> Upload:
        """Keep the file for the second step; older ones go."""
        uploads = Upload._default_manager
        uploads.filter(created_at__lt=timezone.now() - KEPT).delete()
        return uploads.create(
            owner=self.request.user,
            resource=self.resource.plural,
            name=name[:200],
            content=content,
            plan=plan.digest,
        )

    def apply(self) -> HttpResponse:
        upload = Upload._default_manager.filter(
            token=self.request.POST["token"].replace("\x00", ""),
            owner=self.request.user.pk,
            resource=self.resource.plural,
        ).first()
        if upload is None:
            return self.show(problem="File: it is no longer kept; upload it again.", status=422)
        try:
            with history.context(
                user=self.request.user, why=self.request.POST.get("_why", ""), source="import"
            ):
                plan = self.written(upload)
        except PlanChanged as error:
            Upload._default_manager.filter(pk=upload.pk).update(plan=error.plan.digest)
            return self.show_plan(
                error.plan, upload, problem=f"{error}: look again at what would happen.", status=409
            )
        except Busy as error:
            return self.show(problem=f"{error}; upload the file again.", status=409)
        except InvalidObjects:
            return self.show(problem="File: what is stored has changed since; upload it again.", status=409)
        created, updated = plan.count(CREATE), plan.count(UPDATE)
        messages.success(self.request, f"Imported {upload.name}: {created} added, {updated} changed.")
        return HttpResponseRedirect(self.resource.url("list"))

    @retried
    def written(self, upload: Upload) -> Plan:
        with transaction.atomic():
            table = read(bytes(upload.content), upload.name)
            plan = Import(self.resource, self.request.user, table).apply(upload.plan)
            upload.delete()
        return plan

    def show(self, problem: str = "", status: int = 200) -> HttpResponse:
        known = guide(self.resource, self.request.user)
        example = "".join(as_csv([[one.name for one in known], [one.example for one in known]])).lstrip(
            "\ufeff"
        )
        title = f"Import {self.resource.label_plural.lower()}"
        return self.render(
            title=title, crumbs=self.crumbs(), problem=problem, known=known, example=example, status=status
        )

    def show_plan(self, plan: Plan, upload: Upload, problem: str = "", status: int = 200) -> HttpResponse:
        order = {REJECTED: 0, UPDATE: 1, CREATE: 2, UNCHANGED: 3}
        rows = sorted(plan.rows, key=lambda row: (order[row.outcome], row.line))
        counts: dict[str, Any] = {name: plan.count(name) for name in order}
        return self.render(
            "resources/import_preview.html",
            title=f"Import {upload.name}",
            crumbs=self.crumbs(),
            upload=upload,
            rows=rows[:SHOWN],
            more=max(0, len(rows) - SHOWN),
            counts=counts,
            ignored=plan.ignored,
            problem=problem,
            todo=counts[CREATE] + counts[UPDATE],
            status=status,
        )
