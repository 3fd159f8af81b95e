"""A Chromium for the tests: the system's, else the one that `python -m itim.assets --dev` brought from npm.

npm's @sparticuz/chromium is made for a machine with nothing on it: binary, libraries and a font, packed.
"""

import fcntl
import io
import os
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKED = ROOT / ".cache" / "dev" / "chromium"
READY = ROOT / ".cache" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Chromium:
    """How to start it. environment: what it needs beyond the process's own."""

    path: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """The browser; fails with the way to get one. ITIM_TEST_CHROMIUM names another, "npm" the packed one."""
    wish = os.environ.get("ITIM_TEST_CHROMIUM", "")
    if wish != "npm":
        installed = wish or next(filter(None, map(shutil.which, NAMES)), None)
        if installed:
            return Chromium(installed, ARGUMENTS)
    if not PACKED.is_dir():
        pytest.fail("no Chromium: install the package chromium, or run `make assets-dev`", pytrace=False)
    return unpacked()


def unpacked() -> Chromium:
    """npm's Chromium, unpacked once for all workers."""
    READY.mkdir(parents=True, exist_ok=True)
    with (READY / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = READY / ".stamp"
        if not stamp.is_file() or stamp.stat().st_mtime < PACKED.stat().st_mtime:
            unpack()
            stamp.touch()
    libraries = next(READY.rglob("libnss3.so")).parent
    fonts = next(READY.rglob("fonts.conf")).parent
    environment = {
        "LD_LIBRARY_PATH": f"{libraries}:{os.environ.get('LD_LIBRARY_PATH', '')}",
        "FONTCONFIG_PATH": str(fonts),
    }
    return Chromium(str(READY / "chromium"), [*ARGUMENTS, "--headless=shell"], environment)


def unpack() -> None:
    """Everything in its place; fonts.conf comes with the paths of another machine, so it is written anew."""
    for packed in sorted(PACKED.glob("*.br")):
        content = brotli.decompress(packed.read_bytes())
        if packed.name.endswith(".tar.br"):
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(READY, filter="data")
        else:
            binary = READY / packed.stem
            binary.write_bytes(content)
            binary.chmod(0o755)
    fonts = next(READY.rglob("fonts.conf"))
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{fonts.parent}</dir><cachedir>{READY / 'font-cache'}</cachedir></fontconfig>"
    )
