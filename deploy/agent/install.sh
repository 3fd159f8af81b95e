#!/bin/sh
# Installs the ITIM agent on this machine, from the server that this script came from.
#
#   curl -fsS SERVER/agent/install.sh | sudo sh -s -- --token TOKEN
#
# Run it again to bring the agent up to date: the enrollment is kept. `--help` lists the options.
set -eu

server=@SERVER@
wheel=@WHEEL@
wheel_sha256=@SHA256@
version=@VERSION@
python_major=@MAJOR@
python_minor=@MINOR@

prefix=/opt/itim-agent
state=/var/lib/itim-agent
unit=/etc/systemd/system/itim-agent.service
token=${ITIM_AGENT_TOKEN:-}
ca=${ITIM_AGENT_CA:-}
python=
action=install
purge=no
service=auto
dry_run=no
work=

usage() {
    cat <<'END'
Installs the ITIM agent.

  --token TOKEN    one-time enrollment token (or ITIM_AGENT_TOKEN)
  --server URL     another address of the server
  --ca FILE        certificate authority of the server (PEM)
  --python PROGRAM the Python to use
  --prefix DIR     program, default /opt/itim-agent
  --state DIR      key and readings on their way, default /var/lib/itim-agent
  --no-service     no systemd unit
  --dry-run        say what would be done
  --uninstall      remove program and unit, keep the state
  --purge          with --uninstall: remove the state too
END
}

say() { printf 'itim-agent: %s\n' "$*"; }

die() {
    printf 'itim-agent: %s\n' "$*" >&2
    exit 1
}

# Does a command, or says it.
run() {
    if [ "$dry_run" = yes ]; then
        say "would run: $*"
    else
        "$@"
    fi
}

value() {
    if [ "$#" -lt 2 ] || [ -z "$2" ]; then die "$1 needs a value"; fi
}

absolute() {
    case $2 in
        *[!A-Za-z0-9._/+-]*) die "$1 $2: a path may hold letters, digits and . _ / + - alone" ;;
        */../* | */..) die "$1 $2 is no folder for the agent" ;;
        /?*) ;;
        *) die "$1 must be an absolute path of a folder, not '$2'" ;;
    esac
}

options() {
    while [ "$#" -gt 0 ]; do
        case $1 in
            --token) value "$@"; token=$2; shift ;;
            --server) value "$@"; server=${2%/}; shift ;;
            --ca) value "$@"; ca=$2; shift ;;
            --python) value "$@"; python=$2; shift ;;
            --prefix) value "$@"; prefix=${2%/}; shift ;;
            --state) value "$@"; state=${2%/}; shift ;;
            --no-service) service=no ;;
            --dry-run) dry_run=yes ;;
            --uninstall) action=uninstall ;;
            --purge) purge=yes ;;
            -h | --help) usage; exit 0 ;;
            *) die "unknown option $1 (--help lists them)" ;;
        esac
        shift
    done
    absolute --prefix "$prefix"
    absolute --state "$state"
    if [ -n "$ca" ] && [ ! -r "$ca" ]; then die "the CA file $ca cannot be read"; fi
}

# The unit is written where systemd runs the machine and we are root; otherwise we say how to start.
decide_service() {
    [ "$service" = auto ] || return 0
    service=no
    if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; then service=yes; fi
}

writable() {
    place=$1
    while [ ! -e "$place" ]; do place=$(dirname "$place"); done
    [ -w "$place" ]
}

check_folders() {
    for folder in "$prefix" "$state"; do
        writable "$folder" || die "$folder cannot be written: run as root (sudo), or choose --prefix and --state"
    done
    if [ -d "$prefix" ] && [ ! -e "$prefix/pyvenv.cfg" ] && [ -n "$(ls -A "$prefix")" ]; then
        die "$prefix holds something else: choose another --prefix"
    fi
}

fits() {
    "$1" -c "import ensurepip, sys, venv; sys.exit(sys.version_info < ($python_major, $python_minor))" 2>/dev/null
}

find_python() {
    if [ -n "$python" ]; then
        fits "$python" || die "$python is no Python $python_major.$python_minor or newer with venv"
        return
    fi
    for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if command -v "$python" >/dev/null && fits "$python"; then return; fi
    done
    die "Python $python_major.$python_minor or newer with venv is needed (Debian, Ubuntu: apt install python3-venv)"
}

# Python fetches: it is needed anyway, knows proxies, and checks certificates.
fetch() {
    "$python" - "$1" "$2" "$wheel_sha256" "$ca" <<'END'
import hashlib, ssl, sys, urllib.request

address, path, wanted, ca = sys.argv[1:]
try:
    context = ssl.create_default_context(cafile=ca or None) if address.startswith("https:") else None
    with urllib.request.urlopen(address, timeout=60, context=context) as answer:
        content = answer.read()
except (OSError, ValueError) as error:
    sys.exit(f"itim-agent: {address} cannot be fetched: {error}")
if hashlib.sha256(content).hexdigest() != wanted:
    sys.exit(f"itim-agent: {address} is not what this script expects: fetch install.sh again")
with open(path, "wb") as file:
    file.write(content)
END
}

has_psutil() { "$1" -c 'import psutil, sys; sys.exit(psutil.version_info < (5, 9, 3))' 2>/dev/null; }

# The system's own psutil serves where it is there: then nothing comes from a package index.
make_environment() {
    if "$prefix/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    site=
    if has_psutil "$python"; then site=--system-site-packages; fi
    run mkdir -p "$prefix"
    run "$python" -m venv --clear ${site:+"$site"} "$prefix" || die "no virtual environment can be made in $prefix"
}

pip() { "$prefix/bin/python" -m pip --disable-pip-version-check --quiet install "$@"; }

install_wheel() {
    if [ "$dry_run" = yes ]; then
        say "would install $wheel from $server/agent/itim_agent.whl"
        return
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' INT TERM
    fetch "$server/agent/itim_agent.whl" "$work/$wheel"
    has_psutil "$prefix/bin/python" || pip 'psutil>=5.9.3' ||
        die "pip cannot install psutil: reach a package index, or install the system's python3-psutil first"
    pip --force-reinstall --no-deps --no-index "$work/$wheel" || die "pip cannot install the agent"
}

enroll() {
    if [ -e "$state/identity.json" ]; then
        say "already enrolled, the key in $state is kept"
        return
    fi
    [ -n "$token" ] || die "an enrollment token is needed: --token TOKEN (make one on the server)"
    if [ "$dry_run" = yes ]; then
        say "would enroll at $server"
        return
    fi
    # By the environment: other users can read a command line.
    ITIM_AGENT_TOKEN=$token "$prefix/bin/itim-agent" enroll --server "$server" --state "$state" --ca "$ca"
}

unit_text() {
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@STATE@|$state|g" <<'END'
@UNIT@
END
}

start() {
    if [ "$service" = no ]; then
        say "no systemd unit is written here; start the agent with: $prefix/bin/itim-agent run --state $state"
        return
    fi
    if [ "$dry_run" = yes ]; then
        say "would write $unit and start it"
        return
    fi
    unit_text >"$unit"
    systemctl daemon-reload
    systemctl enable --quiet itim-agent.service
    systemctl restart itim-agent.service
    say "runs: systemctl status itim-agent"
}

# Only what we made, by name: a folder given by mistake stays whole.
uninstall() {
    if [ "$service" = yes ] && [ -e "$unit" ]; then
        run systemctl disable --quiet --now itim-agent.service || true
        run rm -f "$unit"
        run systemctl daemon-reload
    fi
    if [ -e "$prefix/pyvenv.cfg" ] && [ -e "$prefix/bin/itim-agent" ]; then run rm -rf "$prefix"; fi
    if [ "$purge" = yes ] && [ -e "$state/identity.json" ]; then
        for name in identity.json config.json inventory.json machine-id lock spool; do
            run rm -rf "${state:?}/$name"
        done
        run rmdir "$state" || true
    fi
    say "uninstalled"
}

# A function, so that nothing runs when the download of this script breaks off.
main() {
    options "$@"
    decide_service
    check_folders
    if [ "$action" = uninstall ]; then
        uninstall
        return
    fi
    find_python
    say "installing version $version from $server into $prefix"
    make_environment
    install_wheel
    enroll
    start
}

main "$@"
