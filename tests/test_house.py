"""The rules of the house that a machine can check, over every file of the product."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "agent",
    "backups",
    "core",
    "inventory",
    "itim",
    "monitoring",
    "probes",
    "reports",
    "security",
    "tickets",
)
LONGEST_FILE = 400
SAFE_ALLOWED = {"core/resources/cells.py", "core/templatetags/resources.py", "core/templatetags/ui.py"}
"""Modules that may declare HTML safe: constants, our packages' graphics, what a template rendered."""
MANAGERS = {"objects", "_default_manager", "_base_manager"}
INLINE = {
    "a script inside the page": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.IGNORECASE
    ),
    "a style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a javascript: address": re.compile(r"=\s*[\"']\s*javascript:", re.IGNORECASE),
    "an address of another host": re.compile(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//"
    ),
    "|safe": re.compile(r"\|\s*safe(?:seq)?\b"),
    "autoescape off": re.compile(r"{%\s*autoescape\s+off"),
}


@cache
def files(pattern: str) -> tuple[Path, ...]:
    """Files of the repository by git, those not committed yet included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> Iterator[Path]:
    """Python of the product: neither migrations nor tests."""
    for path in files("*.py"):
        if name(path).split("/")[0] in APPS and "/migrations/" not in name(path):
            yield path


def is_http(path: Path) -> bool:
    """Whether a module speaks HTTP: there, rows come from core.access.visible alone."""
    parts = name(path).split("/")
    modules_of_pages = ("views.py", "viewsets.py", "panels.py", "cards.py")
    return parts[-1] in modules_of_pages or not {"views", "console"}.isdisjoint(parts[:-1])


def unguarded(tree: ast.AST) -> list[str]:
    """Where a module takes rows from a manager; `.objects.seen_by(user)` is visible() under another name."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    guarded = {id(node.value) for node in nodes if node.attr == "seen_by"}
    return [
        f"line {node.lineno}: .{node.attr}"
        for node in nodes
        if node.attr in MANAGERS and id(node) not in guarded
    ]


def test_there_is_something_to_check():
    assert len(list(modules())) > 50
    assert len(files("templates/*.html")) > 20
    assert any(is_http(path) for path in modules())


def test_views_reach_rows_by_visible_alone():
    found = {
        name(path): hits
        for path in modules()
        if is_http(path) and (hits := unguarded(ast.parse(path.read_text())))
    }
    assert not found, f"use core.access.visible: {found}"


def test_seen_by_keeps_its_word():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "seen_by":
                called = {getattr(one.func, "id", "") for one in ast.walk(node) if isinstance(one, ast.Call)}
                assert called & {"visible", "limited"}, f"{name(path)}:{node.lineno}"


def test_no_module_is_a_drawer_for_everything():
    assert not [
        name(path) for path in modules() if path.stem in ("utils", "helpers", "util", "helper", "misc")
    ]


def test_files_stay_short():
    patterns = ("static/itim/*.js", "static/itim/*.css", "templates/*.html", "tests/*.py", "bench/*.py")
    every = [*modules(), *(path for pattern in patterns for path in files(pattern))]
    long = {
        name(path): count for path in every if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert not long, f"over {LONGEST_FILE} lines: {long}"


def test_post_save_carries_no_business():
    found = [
        name(path) for path in modules() if re.search(r"\b(?:pre|post)_(?:save|delete)\b", path.read_text())
    ]
    assert not found


def test_only_known_modules_declare_html_safe():
    found = {
        name(path)
        for path in modules()
        if re.search(r"\b(?:mark_safe|SafeString\(|html_safe)\b", path.read_text())
    }
    assert found <= SAFE_ALLOWED, found - SAFE_ALLOWED


def test_html_is_never_formatted_with_plain_strings():
    """format_html with an f-string or + escapes nothing."""
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "format_html"
            if called and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                found.append(f"{name(path)}:{node.lineno}")
    assert not found


@pytest.mark.parametrize("what", INLINE)
def test_templates_hold_nothing_that_the_content_policy_forbids(what):
    comments = re.compile(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", re.DOTALL)
    found = [
        name(path)
        for path in files("*.html")
        if INLINE[what].search(comments.sub("", path.read_text(encoding="utf-8")))
    ]
    assert not found, f"{what}: {found}"


def test_scripts_put_no_data_into_html():
    unsafe = re.compile(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b")
    found = [
        f"{name(path)}:{number}"
        for path in files("static/itim/*.js")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if unsafe.search(line.split("//")[0])
    ]
    assert not found


def test_every_part_says_what_it_takes():
    silent = [
        name(path)
        for path in files("templates/ui/*.html")
        if not re.match(r"(?:{%\s*load[^%]*%}\s*)?{%\s*comment\s*%}", path.read_text())
    ]
    assert not silent, f"no opening comment: {silent}"
