#!/usr/bin/env python
"""Django's command line for ITIM: `manage.py up` starts everything, `manage.py help` lists the rest."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itim.settings")
    if sys.argv[1:2] in (["up"], ["demo"]):  # before Django: the supervisor stays small, needs no database
        from itim.launcher import demo, up

        return {"up": up.main, "demo": demo.main}[sys.argv[1]](sys.argv[2:])
    from django.core.management import execute_from_command_line

    from itim.environment import EnvironmentProblem

    try:
        execute_from_command_line(sys.argv)
    except EnvironmentProblem as problem:
        print(f"itim: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
