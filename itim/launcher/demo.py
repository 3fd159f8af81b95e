"""`manage.py demo`: the same as `up`, in a home of its own, a company in it, its devices answering."""

import os
import socket

from itim.environment import BASE_DIR, value
from itim.launcher import parts, up
from itim.launcher.process import LaunchProblem
from itim.launcher.supervisor import Supervisor
from itim.launcher.up import Launcher

HELP = """usage: manage.py demo

Start ITIM with a company that does not exist: three sites, some sixty devices that answer SNMP on loopback,
a month of history. It lives in ITIM_HOME (var/demo unless given) and stays until you remove that folder.
ITIM_DEMO_PORT (10161) is the UDP port of the simulated devices; log in as admin with the password demo."""


class DemoLauncher(Launcher):
    """Fills the home once; the simulated devices are one more part."""

    def __init__(self) -> None:
        os.environ.setdefault("ITIM_HOME", str(BASE_DIR / "var" / "demo"))
        os.environ.setdefault("ITIM_ADMIN_PASSWORD", "demo")
        self.snmp_port = parts.number("ITIM_DEMO_PORT", 10161)
        super().__init__()
        refuse_taken_udp(self.snmp_port)
        if value("DATABASE_URL"):
            raise LaunchProblem("the demonstration has a database of its own: unset DATABASE_URL")

    def prepare(self, supervisor: Supervisor) -> None:
        """After the schema, the company: once in the life of this home."""
        super().prepare(supervisor)
        done, begun = self.home / "demo-done", self.home / "demo-begun"
        if done.exists():
            return
        if begun.exists():
            raise LaunchProblem(f"the demonstration in {self.home} was cut off: remove that folder")
        begun.touch()
        self.console.say("Making a company, its devices and its last month: this takes about half a minute")
        options = ["--port", str(self.snmp_port), "--meanwhile", str(free_udp_port())]
        if self.run_once(supervisor, "demo_fill", *options):
            raise LaunchProblem("the demonstration could not be made: the lines above say why")
        done.touch()

    def start_parts(self, supervisor: Supervisor) -> None:
        simulator = ["itim.demo.simulator", "--port", str(self.snmp_port)]
        supervisor.run(parts.service("devices", simulator))
        super().start_parts(supervisor)

    def announce(self) -> None:
        super().announce()
        self.console.say("Log in as `admin` with the password `demo`")


def refuse_taken_udp(port: int) -> None:
    """LaunchProblem when something else answers on the simulated devices' port."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
            trial.bind(("127.64.0.1", port))
    except OSError as error:
        raise LaunchProblem(
            f"UDP port {port} is taken ({error.strerror}): ITIM_DEMO_PORT chooses another"
        ) from error


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.bind(("127.64.0.1", 0))
        return int(trial.getsockname()[1])


def main(arguments: list[str]) -> int:
    """The exit code, as of `manage.py up`."""
    return up.main(arguments, HELP, DemoLauncher)
