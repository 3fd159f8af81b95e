"""`make bench`: every benchmark, one after the other, as tables. docs/benchmarks.md keeps the results.

Name some to run only those: `python -m bench poll pages`. Times are for comparing lines of one run.
"""

import subprocess
import sys
import time

from bench.responder import command
from tests.ports import free_udp_port

TITLES = {
    "snmp_client": "SNMP client: CPU a varbind, against pysnmp",
    "poll": "Poll to stored and evaluated: CPU a sample over all processes; dead devices",
    "pages": "Pages and API at 10,000 devices and 200,000 interfaces",
    "agent": "The endpoint agent: CPU and memory",
    "startup": "Start, cold and warm; memory of all processes",
}


def run(name: str) -> int:
    """One benchmark; its exit code."""
    print(f"\n## {TITLES[name]}\n", flush=True)
    if name != "snmp_client":
        return subprocess.call([sys.executable, "-m", f"bench.{name}"])
    port = free_udp_port()
    responder = subprocess.Popen([*command(), str(port)])
    time.sleep(1)
    try:
        return subprocess.call([sys.executable, "-m", "bench.snmp_client", "--port", str(port), "--uvloop"])
    finally:
        responder.kill()
        responder.wait()


def main() -> int:
    names = sys.argv[1:] or list(TITLES)
    if unknown := [name for name in names if name not in TITLES]:
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(TITLES)}")
        return 2
    return max(run(name) for name in names)


if __name__ == "__main__":
    sys.exit(main())
