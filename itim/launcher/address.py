"""ITIM_BIND: is it an address, and is it free?"""

import errno
import socket
import time

from itim.launcher.process import LaunchProblem


def parse(bind: str) -> tuple[str, int]:
    """HOST and PORT of "HOST:PORT" or "[IPv6]:PORT"; LaunchProblem when it is neither."""
    host, separator, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (separator and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise LaunchProblem(f"ITIM_BIND={bind} is not HOST:PORT, such as 127.0.0.1:8000")
    return host, int(port)


def refuse_taken(host: str, port: int, patience: float = 1.5) -> None:
    """LaunchProblem unless we may listen there; waits a moment for one that is just ending."""
    deadline = time.monotonic() + patience
    while (problem := try_to_listen(host, port)) is not None:
        if problem.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            raise LaunchProblem(f"ITIM_BIND={host}:{port} {explain(problem)}") from problem
        time.sleep(0.1)


def try_to_listen(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen(1)
    except OSError as error:
        return error
    return None


def explain(problem: OSError) -> str:
    reasons = {
        errno.EADDRINUSE: "is taken by another program: stop it, or set ITIM_BIND to a free HOST:PORT",
        errno.EACCES: "may not be used by this user: ports below 1024 are the system's",
        errno.EADDRNOTAVAIL: "is no address of this machine",
    }
    return reasons.get(problem.errno or 0, f"cannot be used: {problem.strerror or problem}")


def reachable(host: str) -> str:
    """The host as a browser on this machine writes it."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
