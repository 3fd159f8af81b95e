"""One part alone, for docker-compose.yml and systemd: `python -m itim.launcher PART`.

It becomes that part (exec), so that whoever started it watches the part itself.
"""

import os
import sys
from collections.abc import Sequence

from itim.environment import BASE_DIR, EnvironmentProblem, home, value
from itim.launcher import address, parts
from itim.launcher.process import LaunchProblem

USAGE = "usage: python -m itim.launcher web | worker | poller [NAME] | beat"


def command(arguments: Sequence[str]) -> list[str]:
    """The part's module and options; LaunchProblem for what is no part."""
    match list(arguments):
        case ["web"]:
            return parts.web(*address.parse(value("ITIM_BIND", "127.0.0.1:8000")))
        case ["worker"]:
            return parts.worker("celery")
        case ["poller"]:
            return parts.worker(parts.polling(), "poller-default")
        case ["poller", name] if name and all(sign.isalnum() or sign in "-_" for sign in name):
            return parts.worker(parts.polling(name), f"poller-{name}")
        case ["beat"]:
            return parts.beat(str(home() / "beat"))
    raise LaunchProblem(USAGE)


def main(arguments: Sequence[str]) -> int:
    try:
        module = command(arguments)
        os.chdir(BASE_DIR)
        os.environ["PYTHONUNBUFFERED"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", *module])  # noqa: S606
    except (LaunchProblem, EnvironmentProblem) as problem:
        print(f"itim: {problem}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
