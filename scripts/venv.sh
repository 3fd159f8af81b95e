#!/bin/sh
# A virtual environment with uv in it: `sh scripts/venv.sh PYTHON FOLDER`. Says in one line what is missing.
set -eu
python=$1 folder=$2

fail() {
    echo "setup: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail "$python is not installed: ITIM needs Python 3.11 or newer"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version 2>&1) is too old: ITIM needs 3.11 or newer (make PYTHON=python3.12 ...)"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python has no venv: install it (Debian and Ubuntu: apt install python3-venv)"

"$python" -m venv "$folder" || fail "$folder cannot be made: see the lines above"
"$folder/bin/python" -m pip install -qq --disable-pip-version-check --only-binary :all: uv ||
    echo "setup: no uv from your package index; pip takes its place" >&2
