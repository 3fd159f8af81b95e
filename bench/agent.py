"""What the agent costs: `python bench/agent.py [--cycles 100] [--processes 0]`.

Starts the real agent against a server on loopback, reading fast, and divides its CPU time (its children's
included) by the cycles; then looks at its memory (PSS). `--processes` adds sleeping processes first, since
reading every process is what a cycle costs. At an interval of 60 s, 1 % of a core is 600 ms a cycle.
"""

import argparse
import gzip
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
PERIOD = 60.0
sweeps = threading.Semaphore(0)


class Server(http.server.BaseHTTPRequestHandler):
    """Takes everything."""

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        answer: dict[str, object] = {"agent_id": "1", "key": "k", "interval": 60}
        if self.path.endswith("/report/"):
            report = json.loads(gzip.decompress(content))
            answer = {"accepted": len(report["sweeps"]), "duplicates": 0, "rejected": [], "config": {}}
            sweeps.release(len(report["sweeps"]) or 1)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def pss(pid: int) -> float:
    """MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return float("nan")


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def measure(state: str, url: str, cycles: int) -> tuple[float, float, float]:
    """CPU seconds to start (with the inventory), CPU seconds a cycle, PSS in MB."""
    command = [sys.executable, "-m", "agent", "run", "--state", state, "--server", url, "--token", "t"]
    agent = subprocess.Popen([*command, "--interval", "0.1"], cwd=ROOT)
    try:
        process = psutil.Process(agent.pid)
        for _ in range(5):
            sweeps.acquire()
        begin = cpu(process)
        for _ in range(cycles):
            sweeps.acquire()
        return begin, (cpu(process) - begin) / cycles, pss(agent.pid)
    finally:
        agent.terminate()
        agent.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--processes", type=int, default=0)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sleepers = [subprocess.Popen(["sleep", "600"]) for _ in range(options.processes)]
    time.sleep(0.5)
    try:
        with tempfile.TemporaryDirectory() as state:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            start, cycle, memory = measure(state, url, options.cycles)
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()
    processes = len(psutil.pids()) + options.processes
    print(f"{'processes on the machine':32}{processes:10}")
    print(f"{'CPU to start, with inventory':32}{start * 1000:10.1f} ms")
    print(f"{'CPU a cycle':32}{cycle * 1000:10.2f} ms")
    print(f"{'of a core at 60 s':32}{cycle / PERIOD * 100:10.4f} %   (budget 1 %)")
    print(f"{'memory (PSS)':32}{memory:10.1f} MB  (budget 40 MB)")


if __name__ == "__main__":
    main()
