"""A server that speaks the agent's contract, over real HTTP, and can be told to misbehave."""

import gzip
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "good-token"
KEY = "key-of-this-machine"


class ContractServer:
    """Keeps what it accepted; `answer`, where set, decides about a report instead: (status, body bytes)."""

    def __init__(self, port: int = 0) -> None:
        self.sweeps: list[dict[str, Any]] = []
        self.duplicates = 0
        self.reports: list[dict[str, Any]] = []
        self.enrollments: list[dict[str, Any]] = []
        self.config: dict[str, Any] = {"interval": 60, "processes": [], "send_inventory": False}
        self.answer: Callable[[dict[str, Any]], tuple[int, bytes] | None] = lambda report: None
        self.lost_answers = 0
        self.news = threading.Condition()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> "ContractServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def wait_for(self, true: Callable[[], object], seconds: float = 30.0) -> None:
        """Until the condition holds; looked at after every request."""
        with self.news:
            assert self.news.wait_for(lambda: bool(true()), seconds), "the agent did not do it in time"

    def enroll(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.enrollments.append(body)
        if body["token"] != TOKEN:
            return 403, {"detail": "this token is not valid"}
        return 201, {"agent_id": "7", "key": KEY, "interval": 60}

    def report(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.reports.append(body)
        known = {sweep["at"] for sweep in self.sweeps}
        new = [sweep for sweep in body["sweeps"] if sweep["at"] not in known]
        self.sweeps += new
        self.duplicates += len(body["sweeps"]) - len(new)
        return 200, {
            "accepted": len(new),
            "duplicates": len(body["sweeps"]) - len(new),
            "rejected": [],
            "config": self.config,
        }


def handler(server: ContractServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            with server.news:
                status, answer = self.decide(content)
                server.news.notify_all()
                if server.lost_answers:
                    server.lost_answers -= 1
                    return  # the connection ends without an answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def decide(self, content: bytes) -> tuple[int, bytes]:
            if self.path == "/api/v1/agent/enroll/":
                status, body = server.enroll(json.loads(content))
                return status, json.dumps(body).encode()
            if self.path != "/api/v1/agent/report/" or self.headers["Content-Encoding"] != "gzip":
                return 404, b"{}"
            if self.headers["Authorization"] != f"Bearer {KEY}":
                return 401, b'{"detail": "this key was revoked"}'
            report = json.loads(gzip.decompress(content))
            special = server.answer(report)
            if special:
                return special
            status, body = server.report(report)
            return status, json.dumps(body).encode()

    return Handler
