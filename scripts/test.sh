#!/bin/sh
# Runs all tests: `scripts/test.sh PYTEST JOBS [pytest's own arguments]`.
# A driven browser keeps an event loop in its process, so those tests have processes of their own. A test that
# fails beside others, on a machine too busy for its time limits, gets one more run alone; there it must pass.
set -u
pytest=$1 jobs=$2
shift 2

suite() {
    "$pytest" -n "$jobs" "$@" && return 0
    echo "once more, alone: what failed"
    "$pytest" -n0 --last-failed --last-failed-no-failures none "$@"
}

if [ $# -gt 0 ]; then
    exec "$pytest" -n "$jobs" "$@"
fi
failed=0
suite --ignore tests/browser || failed=1
suite tests/browser || failed=1
exit $failed
