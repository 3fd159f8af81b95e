"""How long `manage.py up` takes, cold and warm, and what all its processes weigh: `python -m bench.startup`.

Cold is a new ITIM_HOME (initdb, migrations, static files) with everything installed; warm is the next start.
Memory is PSS, the sum over all processes, 10 s after every part has shown life.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
BIND = os.environ.get("ITIM_BIND", "127.0.0.1:8931")
SETTLE = 10  # seconds


def answers(path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{BIND}{path}", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def seconds_until(path: str, began: float) -> float:
    while not answers(path):
        time.sleep(0.02)
    return time.monotonic() - began


def run(home: str) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds by milestone, and PSS in MB by part, of one start and stop."""
    began = time.monotonic()
    environment = {**os.environ, "ITIM_HOME": home, "ITIM_BIND": BIND}
    up = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        seconds = {
            "first page": seconds_until("/account/login/", began),
            "every part works": seconds_until("/readyz", began),
        }
        time.sleep(SETTLE)
        memory = weigh(psutil.Process(up.pid))
    finally:
        ended = time.monotonic()
        up.send_signal(signal.SIGINT)
        up.wait()
    seconds["Ctrl-C to nothing left"] = time.monotonic() - ended
    return seconds, memory


def weigh(launcher: psutil.Process) -> dict[str, float]:
    """PSS in MB by part; a process belongs to the launcher's child above it."""
    parts: dict[str, float] = defaultdict(float)
    parts["launcher"] = megabytes(launcher)
    for child in launcher.children():
        parts[name_of(child)] += sum(megabytes(one) for one in [child, *child.children(recursive=True)])
    return parts


def megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def name_of(child: psutil.Process) -> str:
    words = child.cmdline()
    for name in ("granian", "worker", "beat", "agent"):
        if name in words:
            return {"granian": "web"}.get(name, name)
    return child.name()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="itim-bench-") as folder:
        cold, _ = run(f"{folder}/home")
        warm, memory = run(f"{folder}/home")
    print("| | cold, s | warm, s |\n|---|---|---|")
    for milestone, seconds in cold.items():
        print(f"| {milestone} | {seconds:.1f} | {warm[milestone]:.1f} |")
    print("\n| process | PSS, MB |\n|---|---|")
    for name, weight in sorted(memory.items(), key=lambda pair: -pair[1]):
        print(f"| {name} | {weight:.0f} |")
    print(f"| together | {sum(memory.values()):.0f} |")


if __name__ == "__main__":
    main()
