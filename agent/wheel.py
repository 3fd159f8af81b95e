"""Builds the agent's wheel out of this very code: what the server serves is what it was tested with.

The format is PyPA's "binary distribution format" 1.0 (PEP 427, PEP 376): a ZIP with METADATA, WHEEL, RECORD.
The same code gives the same bytes: names sorted, no time of the day inside. Runs on the server alone.
"""

import base64
import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

from agent import VERSION

ROOT = Path(__file__).resolve().parent.parent
SERVER_ONLY = frozenset({"agent/wheel.py", "agent/install.py"})
PROBES = ("probes/__init__.py", "probes/metrics.py", "probes/readings.py")
PYTHON = (3, 10)
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time that a ZIP can say

METADATA = f"""\
Metadata-Version: 2.1
Name: itim-agent
Version: {VERSION}
Summary: Reads this machine and reports to an ITIM server
License: Apache-2.0
License-File: LICENSE
Requires-Python: >={PYTHON[0]}.{PYTHON[1]}
Requires-Dist: psutil>=5.9.3
"""
WHEEL = """\
Wheel-Version: 1.0
Generator: itim
Root-Is-Purelib: true
Tag: py3-none-any
"""
ENTRY_POINTS = """\
[console_scripts]
itim-agent = agent.cli:main
"""


def name() -> str:
    """The file name that pip insists on."""
    return f"itim_agent-{VERSION}-py3-none-any.whl"


def sources(root: Path = ROOT) -> dict[str, bytes]:
    """Path in the wheel → content: the agent, and what it uses of the probes."""
    modules = [path.relative_to(root).as_posix() for path in (root / "agent").rglob("*.py")]
    wanted = [module for module in modules if module not in SERVER_ONLY] + list(PROBES)
    return {module: (root / module).read_bytes() for module in sorted(wanted)}


def digest(content: bytes) -> str:
    """As RECORD wants it: urlsafe base64 of SHA-256 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def record(files: dict[str, bytes], folder: str) -> bytes:
    rows = [f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items()]
    return "".join([*rows, f"{folder}/RECORD,,\n"]).encode()


@cache
def build() -> bytes:
    """The wheel's bytes. Raises OSError when a source file is missing."""
    folder = f"itim_agent-{VERSION}.dist-info"
    files = sources()
    files[f"{folder}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    for file, text in (("METADATA", METADATA), ("WHEEL", WHEEL), ("entry_points.txt", ENTRY_POINTS)):
        files[f"{folder}/{file}"] = text.encode()
    files[f"{folder}/RECORD"] = record(files, folder)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return content.getvalue()
