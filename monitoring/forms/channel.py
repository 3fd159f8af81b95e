"""The form of a channel: options and secrets of its kind as fields; secrets go in and never come out."""

from collections.abc import Mapping
from typing import Any

from monitoring.channels import KINDS
from monitoring.forms.options import KindForm
from probes.options import Options


class ChannelForm(KindForm):
    covers = ("options", "secret")
    secrets = ("secret",)

    def kinds(self) -> Mapping[str, Any]:
        return KINDS

    def schema(self, kind: str, part: str) -> type[Options]:
        return KINDS[kind].options if part == "options" else KINDS[kind].secret
