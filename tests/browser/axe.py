"""axe-core over a page: what people with a screen reader, a keyboard or weak eyes would stumble over."""

from functools import cache

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import ROOT

SCRIPT = ROOT / ".cache" / "dev" / "axe.min.js"
SETTLE = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def source() -> str:
    if not SCRIPT.is_file():
        pytest.fail("axe-core is missing: run `make assets-dev`", pytrace=False)
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """One line for each element that breaks a rule: rule, place, what is wrong. rules: only these."""
    page.evaluate("scrollTo(0, 0)")  # half under the bar on top, a target counts by its visible half
    page.evaluate(SETTLE)
    before = list(page.problems)  # type: ignore[attr-defined]
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
        ".then(result => result.violations)",
        only,
    )
    page.evaluate(SETTLE)
    page.problems[:] = before  # type: ignore[attr-defined]  # axe tries an inline style of its own
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
