"""Lines of children: cut, cleaned, prefixed, kept."""

from pathlib import Path

import pytest

from itim.launcher.console import LONGEST_LINE, Console, Lines


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"on", b"e\nt", b"wo"], ["one", "two"]),
        ([b"\n\n  \n"], []),
        ([b"gr\xc3", b"\xbcn\n"], ["grün"]),
        ([b"bad \xff byte\n"], ["bad � byte"]),
        ([b"\x1b[31mred\x07\n"], ["·[31mred·"]),
        ([b"a\tb\r\n"], ["a\tb"]),
    ],
)
def test_bytes_become_lines(pieces: list[bytes], lines: list[str]) -> None:
    cutter = Lines()
    found = [line for piece in pieces for line in cutter.feed(piece)] + cutter.finish()
    assert found == lines


def test_endless_line_is_cut() -> None:
    cutter = Lines()
    found = [line for _ in range(10) for line in cutter.feed(b"x" * LONGEST_LINE)]
    assert found
    assert len(cutter.rest) <= LONGEST_LINE


def test_small_talk_of_servers_is_only_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(tmp_path / "logs")
    console.line("postgres", "LOG:  database system is ready")
    console.line("postgres", "FATAL:  no space left")
    console.line("web", "hello")
    assert capsys.readouterr().out.splitlines() == ["postgres | FATAL:  no space left", "web      | hello"]
    kept = (tmp_path / "logs" / "postgres.log").read_text()
    assert "is ready" in kept
    assert "no space" in kept
