"""TLS: a server whose certificate nobody vouches for gets nothing; --ca names who vouches."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from agent.client import Client, Unavailable
from agent.problem import Problem


class Server(BaseHTTPRequestHandler):
    seen: list[str]

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        self.seen.append(self.headers["Authorization"])
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", "https://evil.example.net/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"accepted": 0}')


def certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path, list[str]]]:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    seen: list[str] = []
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Server,), {"seen": seen}))
    http.socket = context.wrap_socket(http.socket, server_side=True)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://127.0.0.1:{http.server_address[1]}", pem, seen
    http.shutdown()
    http.server_close()


def test_a_stranger_gets_nothing(server: tuple[str, Path, list[str]]) -> None:
    url, _, seen = server
    with pytest.raises(Unavailable, match="its certificate is not trusted"):
        Client(url).report("key", b"{}")
    assert seen == []


def test_who_is_vouched_for_is_spoken_to(server: tuple[str, Path, list[str]]) -> None:
    url, pem, seen = server
    assert Client(url, str(pem)).report("key", b"{}") == {"accepted": 0}
    assert seen == ["Bearer key"]


def test_the_key_does_not_follow_to_another_address(server: tuple[str, Path, list[str]]) -> None:
    url, pem, _ = server
    with pytest.raises(Unavailable, match=r"sends us to https://evil\.example\.net/"):
        Client(f"{url}/elsewhere", str(pem)).report("key", b"{}")


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    for path in (tmp_path / "ca.pem", tmp_path / "nowhere.pem"):
        with pytest.raises(Problem, match=r"the CA file .* cannot be used"):
            Client("https://x", str(path))
