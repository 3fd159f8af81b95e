#!/bin/sh
# Install a lock file, hashes checked: `sh scripts/install.sh VENV LOCKFILE`. With uv, else with pip (slower).
set -eu
bin=$1/bin lock=$2

setting() { # what the environment, else pip's own configuration, says of an option
    value=$(printenv "PIP_$(echo "$1" | tr 'a-z-' 'A-Z_')" || true)
    [ -n "$value" ] || value=$("$bin/python" -m pip config get "global.$1" 2>/dev/null || true)
    [ -n "$value" ] || value=$("$bin/python" -m pip config get "install.$1" 2>/dev/null || true)
    echo "$value" | tr '\n' ' ' | sed 's/ *$//'
}

pass() { # hand pip's setting $2 to uv as $1, unless uv has its own
    [ -z "$(printenv "$1" || true)" ] || return 0
    value=$(setting "$2")
    [ -z "$value" ] || export "$1=$value"
}

if [ -x "$bin/uv" ]; then
    pass UV_INDEX_URL index-url
    pass UV_EXTRA_INDEX_URL extra-index-url
    pass SSL_CERT_FILE cert
    # The lock's hashes decide what may be installed, so that any of the user's indexes may deliver it, as in pip.
    export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}"
    "$bin/uv" pip install --quiet --python "$bin/python" --require-hashes -r "$lock" && exit 0
    echo "setup: uv could not install $lock; trying pip" >&2
fi
exec "$bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
