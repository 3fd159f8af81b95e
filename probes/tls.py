"""Kind `tls`: the certificate of a server; works with expired, self-signed and outdated ones too."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from probes.credentials import Credential
from probes.kind import Kind
from probes.network import NetworkError, connect, reason
from probes.options import Options, option
from probes.readings import SCALAR, Column, Readings
from probes.target import Target

_DAY: Final = 86_400
_LONGEST_NOTE: Final = 500
_STARTTLS: Final = ("", "smtp", "imap")


@dataclass(frozen=True, slots=True)
class TlsOptions(Options):
    """Where the certificate is shown."""

    port: int = option(443, "TCP port", minimum=1, maximum=65535)
    server_name: str = option("", "name to ask for, if not the target's address (SNI)", maximum=253)
    starttls: str = option("", "protocol that starts in plain text", choices=_STARTTLS)
    verify: bool = option(True, "an untrusted certificate is an error")
    timeout: float = option(10.0, "seconds for the whole check", minimum=0.05, maximum=60)


async def collect(target: Target, options: TlsOptions, credential: Credential | None) -> Readings:
    """Shake hands, trusting at first; a second time without trust where the certificate is not trusted."""
    begun = time.perf_counter()
    columns: list[Column] = []
    notes: dict[str, str] = {}
    try:
        async with asyncio.timeout(options.timeout):
            error = await _inspect(target, options, columns, notes)
    except TimeoutError:
        error = f"port {options.port}: no TLS handshake within {options.timeout:g} s"
    except NetworkError as failure:
        error = str(failure)
    except (OSError, ValueError, EOFError) as failure:
        error = f"port {options.port}: {_why(failure)}"
    return Readings(columns, error, time.perf_counter() - begun, notes)


def _why(failure: Exception) -> str:
    return reason(failure) if isinstance(failure, OSError) else str(failure)


async def _inspect(target: Target, options: TlsOptions, columns: list[Column], notes: dict[str, str]) -> str:
    distrust = ""
    try:
        certificate, protocol = await _shake(target, options, _strict())
    except ssl.SSLError as failure:
        distrust = reason(failure)
        certificate, protocol = await _shake(target, options, _lenient())
    parsed = x509.load_der_x509_certificate(certificate)
    left = (parsed.not_valid_after_utc - datetime.now(UTC)).total_seconds() / _DAY
    columns.append(Column("tls.days", SCALAR, (left,)))
    columns.append(Column("tls.trusted", SCALAR, (int(not distrust),)))
    notes.update(_notes(parsed), protocol=protocol)
    if distrust:
        notes["trust"] = distrust
    return distrust if options.verify else ""


@lru_cache(maxsize=1)  # reading the certificates of the system costs 20 ms
def _strict() -> ssl.SSLContext:
    return ssl.create_default_context()


@lru_cache(maxsize=1)
def _lenient() -> ssl.SSLContext:
    """Takes whatever a server shows: we look at it, nothing is sent to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def _shake(target: Target, options: TlsOptions, context: ssl.SSLContext) -> tuple[bytes, str]:
    name = options.server_name or target.address
    if options.starttls:
        reader, writer = await connect(target.address, options.port)
    else:
        reader, writer = await connect(target.address, options.port, context, name)
    try:
        if options.starttls:
            await _DIALOGS[options.starttls](reader, writer)
            await writer.start_tls(context, server_hostname=name)
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        certificate = session.getpeercert(binary_form=True)
        if not certificate:
            raise ValueError("the server showed no certificate")
        return certificate, session.version() or ""
    finally:
        writer.transport.abort()


async def _smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RFC 3207."""
    for request, wanted in ((b"", b"220"), (b"EHLO itim\r\n", b"250"), (b"STARTTLS\r\n", b"220")):
        writer.write(request)
        line = await reader.readline()
        while line[3:4] == b"-":
            line = await reader.readline()
        if not line.startswith(wanted):
            raise ValueError(f"SMTP said {line[:80].decode('ascii', 'replace').strip()!r}")


async def _imap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RFC 9051 section 6.2.1."""
    await reader.readline()
    writer.write(b"a STARTTLS\r\n")
    line = await reader.readline()
    while line.startswith(b"* "):
        line = await reader.readline()
    if not line.upper().startswith(b"A OK"):
        raise ValueError(f"IMAP said {line[:80].decode('ascii', 'replace').strip()!r}")


_DIALOGS: Final = {"smtp": _smtp, "imap": _imap}


def _notes(certificate: x509.Certificate) -> dict[str, str]:
    """Facts for people, each cut to a length that a page can bear."""
    facts = {
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "names": ", ".join(_alternatives(certificate)),
        "until": certificate.not_valid_after_utc.isoformat(),
        "serial": f"{certificate.serial_number:x}",
    }
    return {key: value[:_LONGEST_NOTE] for key, value in facts.items()}


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _alternatives(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    if not isinstance(names, x509.SubjectAlternativeName):
        return []
    return [
        *names.get_values_for_type(x509.DNSName),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    ]


KIND: Final = Kind("tls", "TLS certificate", TlsOptions, collect)
