"""The command line: enroll, run, show, version."""

import argparse
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from agent import VERSION, enrollment
from agent.client import Client, Unavailable
from agent.collect import Machine
from agent.journal import Journal
from agent.problem import Problem
from agent.report_text import lines
from agent.runner import BASELINE, Runner, stop_at_signals
from agent.state import Identity, State, default_folder


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="itim-agent", description="Reads this machine and reports to ITIM.")
    commands = root.add_subparsers(dest="command", required=True)
    enroll = commands.add_parser("enroll", help="get this machine's key with a one-time token")
    run = commands.add_parser("run", help="read and report until stopped")
    for command in (enroll, run):
        command.add_argument("--server", default=os.environ.get("ITIM_AGENT_SERVER", ""), metavar="URL")
        command.add_argument("--token", default="", help="else ITIM_AGENT_TOKEN")
        command.add_argument("--token-file", type=Path, metavar="FILE")
        command.add_argument("--state", type=Path, metavar="DIR", help="default %(default)s")
        command.add_argument(
            "--ca", default=os.environ.get("ITIM_AGENT_CA", ""), metavar="FILE", type=whole_path
        )
        command.set_defaults(state=default_folder())
    run.add_argument("--once", action="store_true", help="one reading, delivered, then end")
    run.add_argument("--interval", type=float, metavar="SECONDS", help="instead of what the server wants")
    commands.add_parser("show", help="print one reading")
    commands.add_parser("version", help="print the version")
    return root


def whole_path(text: str) -> str:
    """What stays true when the agent is started from another folder; "" stays ""."""
    return str(Path(text).absolute()) if text else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 trouble (--once: the server is away), 2 usage, 3 the server refuses us."""
    options = parser().parse_args(arguments)
    try:
        return {"enroll": enroll, "run": run, "show": show, "version": version}[options.command](options)
    except Problem as problem:
        Journal().say(str(problem))
        return problem.code
    except KeyboardInterrupt:
        return 130


def version(options: argparse.Namespace) -> int:
    sys.stdout.write(f"{VERSION}\n")
    return 0


def show(options: argparse.Namespace) -> int:
    machine = Machine()
    time.sleep(BASELINE)
    sys.stdout.write("".join(f"{line}\n" for line in lines(machine.read())))
    return 0


def token(options: argparse.Namespace) -> str:
    """From the option, the file or the environment. Raises Unavailable for a file that is not there (yet)."""
    if options.token_file and not options.token:
        return enrollment.read_token(options.token_file)
    return str(options.token or os.environ.get("ITIM_AGENT_TOKEN", ""))


def enroll(options: argparse.Namespace) -> int:
    state = State(options.state)
    state.lock()
    if known := state.identity():
        raise Problem(
            f"already enrolled at {known.server}; remove {state.folder}/identity.json to change that"
        )
    try:
        identity = enrollment.enroll(state, client_of(options), token(options), options.ca)
    except Unavailable as error:
        raise Problem(str(error)) from None
    Journal().say(f"enrolled at {identity.server} as agent {identity.agent_id}")
    return 0


def client_of(options: argparse.Namespace) -> Client:
    if not options.server:
        raise Problem("the server's address is needed: --server or ITIM_AGENT_SERVER", 2)
    return Client(options.server, options.ca)


def run(options: argparse.Namespace) -> int:
    if options.interval is not None and not options.interval >= 0.05:
        raise Problem("--interval must be at least 0.05 seconds", 2)
    state, journal, stop = State(options.state), Journal(), threading.Event()
    state.lock()
    stop_at_signals(stop)
    identity = identity_of(options, state, journal, stop)
    if not identity:
        return 0
    runner = Runner(state, identity, journal, stop)
    if options.once:
        return 0 if runner.once() else 1
    journal.say(f"version {VERSION}, reporting to {identity.server}")
    runner.run(options.interval)
    return 0


def identity_of(
    options: argparse.Namespace, state: State, journal: Journal, stop: threading.Event
) -> Identity | None:
    """The kept identity, else a new one by enrollment; None when stopped while waiting."""
    if known := state.identity():
        return enrollment.moved(state, known, options.server.rstrip("/"), options.ca)
    client = client_of(options)
    return enrollment.enroll_patiently(state, client, lambda: token(options), options.ca, journal, stop.wait)
