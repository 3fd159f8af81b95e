"""One file with all that is needed to come back: the database, the keys, the uploads.

A tar of mode 0600: manifest.json first (what it is, a hash), then database.dump (pg_dump's custom format),
the keys, and uploads/…. Redis is left out: it holds what is on its way, nothing that lasts.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from itim.launcher import agent
from itim.launcher.postgres import installed_folders, server_version, wheel_folders

FORMAT = 1
MANIFEST, DUMP, UPLOADS = "manifest.json", "database.dump", "uploads"
KEYS = ("secret_key", "encryption_key")


class ArchiveProblem(Exception):
    """Backup or restore is impossible; the text is the one line a person needs."""


def key_values() -> dict[str, str]:
    return {"secret_key": settings.SECRET_KEY, "encryption_key": ",".join(settings.ENCRYPTION_KEYS)}


def tool(name: str, version: int) -> Path:
    """pg_dump or pg_restore that understands a server of this major version."""
    for folder in [*wheel_folders(), *installed_folders()]:
        if (folder / name).exists() and server_version(folder) >= version:
            return folder / name
    raise ArchiveProblem(f"no {name} of PostgreSQL {version} or newer is installed here")


def run_tool(name: str, version: int, *options: str, **streams: Any) -> None:
    """Run a PostgreSQL client on our database; the password goes by the environment, not the command."""
    given = connection.settings_dict
    variables = {
        "PGHOST": given["HOST"],
        "PGPORT": given["PORT"],
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
        "PGDATABASE": given["NAME"],
        **{f"PG{key.upper()}": str(text) for key, text in given["OPTIONS"].items() if key.startswith("ssl")},
    }
    environment = {**os.environ, **{key: text for key, text in variables.items() if text}}
    command = [tool(name, version), *options]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, **streams)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise ArchiveProblem(f"{name} failed: {lines[0]}")


def server_major() -> int:
    connection.ensure_connection()
    return int(connection.pg_version) // 10000


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def digest(handle: IO[bytes]) -> str:
    handle.seek(0)
    found = hashlib.file_digest(handle, "sha256").hexdigest()
    handle.seek(0)
    return found


def backup(target: Path, force: bool = False) -> dict[str, Any]:
    """Write the archive; gives its manifest. A failure leaves no file behind, and an old one as it was."""
    if target.exists() and not force:
        raise ArchiveProblem(f"{target} exists already (--force replaces it)")
    with new_file(target) as (output, dump):
        run_tool("pg_dump", server_major(), "--format=custom", "--no-owner", "--no-privileges", stdout=dump)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgresql": server_major(),
            "migrations": applied_migrations(),
            "dump_sha256": digest(dump),
        }
        with tarfile.open(fileobj=output, mode="w") as archive:
            add(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
            archive.addfile(member(DUMP, os.fstat(dump.fileno()).st_size), dump)
            for name, text in key_values().items():
                add(archive, name, text.encode())
            for file in uploads():
                archive.add(file, f"{UPLOADS}/{file.relative_to(settings.MEDIA_ROOT)}", recursive=False)
    return manifest


@contextmanager
def new_file(target: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A file beside the target that takes its place at the end (both 0600), and one for the dump."""
    try:
        output = tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise ArchiveProblem(f"{target} cannot be written: {error.strerror}") from error
    try:
        with output, tempfile.TemporaryFile(dir=target.parent) as dump:
            yield output, dump
            output.flush()
            os.fsync(output.fileno())
        Path(output.name).replace(target)
    except BaseException:
        Path(output.name).unlink(missing_ok=True)
        raise


def member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(datetime.now(UTC).timestamp())
    return info


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(member(name, len(content)), io.BytesIO(content))


def uploads() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(file for file in root.rglob("*") if file.is_file() and not file.is_symlink())


def restore(source: Path, force: bool, say: Callable[[str], object]) -> None:
    """Bring database, keys and uploads back; everything is checked before the first change."""
    try:
        with tarfile.open(source) as archive:
            manifest = read_manifest(archive)
            dump = extract(archive, DUMP)
            if digest(dump) != manifest["dump_sha256"]:
                raise ArchiveProblem(f"{source} is damaged: the database in it is not what was written")
            keys = {name: extract(archive, name).read().decode() for name in KEYS}
            files = [(info, safe_path(info.name)) for info in archive if info.name.startswith(f"{UPLOADS}/")]
            check_target(manifest, keys, force)
            say("database …")
            restore_database(dump, manifest)
            say("keys and uploads …")
            restore_keys(keys)
            for info, path in files:
                write_file(path, archive, info)
    except (OSError, tarfile.TarError) as error:
        raise ArchiveProblem(f"{source} cannot be read: {error}") from error
    agent.forget(settings.HOME)
    (settings.HOME / "prepared").unlink(missing_ok=True)


def read_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    try:
        manifest = json.loads(extract(archive, MANIFEST).read())
        if manifest["format"] == FORMAT:
            return {name: manifest[name] for name in ("postgresql", "migrations", "dump_sha256")}
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveProblem("this is no backup of ITIM: its manifest cannot be read") from error
    raise ArchiveProblem(f"this backup has format {manifest['format']}, and this version reads {FORMAT}")


def extract(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        handle = archive.extractfile(name)
    except KeyError as error:
        raise ArchiveProblem(f"this is no backup of ITIM: {name} is missing in it") from error
    if handle is None:
        raise ArchiveProblem(f"this is no backup of ITIM: {name} is no file in it")
    return handle


def safe_path(name: str) -> Path:
    """Where an upload goes; a name that would leave the folder is refused."""
    parts = PurePosixPath(name).parts[1:]
    if not parts or ".." in parts or any(part.startswith("/") for part in parts):
        raise ArchiveProblem(f"this backup is not to be trusted: it has a file named {name}")
    return Path(settings.MEDIA_ROOT).joinpath(*parts)


def check_target(manifest: dict[str, Any], keys: dict[str, str], force: bool) -> None:
    """The backup fits this version, and nothing is overwritten unless `force` says so."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise ArchiveProblem(f"this backup comes from a newer ITIM (it has {newer[0]}): update first")
    tool("pg_restore", max(int(manifest["postgresql"]), server_major()))
    if force:
        return
    if connection.introspection.table_names():
        raise ArchiveProblem(
            f"the database {connection.settings_dict['NAME']} is not empty (--force replaces it)"
        )
    if uploads():
        raise ArchiveProblem(f"{settings.MEDIA_ROOT} is not empty (--force replaces it)")
    given = {"secret_key": "SECRET_KEY", "encryption_key": "ITIM_ENCRYPTION_KEY"}
    for name, variable in given.items():
        if os.environ.get(variable) and keys[name] != key_values()[name]:
            raise ArchiveProblem(
                f"{variable} is not the backup's: give that one, or none (--force ignores it)"
            )


def restore_database(dump: IO[bytes], manifest: dict[str, Any]) -> None:
    """All or nothing: one transaction empties the schema and fills it again."""
    version = max(int(manifest["postgresql"]), server_major())
    connection.close()
    with (
        tempfile.TemporaryFile(dir=settings.HOME) as packed,
        tempfile.TemporaryFile(dir=settings.HOME) as script,
    ):
        shutil.copyfileobj(dump, packed)
        packed.seek(0)
        script.write(b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
        script.flush()
        run_tool(
            "pg_restore", version, "--no-owner", "--no-privileges", "--file=-", stdin=packed, stdout=script
        )
        script.seek(0)
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        run_tool("psql", version, *options, stdin=script, stdout=subprocess.DEVNULL)


def restore_keys(keys: dict[str, str]) -> None:
    """Into ITIM_HOME; keys that were there and differ are kept beside them."""
    for name, text in keys.items():
        path = settings.HOME / name
        if path.exists() and path.read_text().strip() != text:
            path.replace(path.with_name(f"{name}.before-restore"))
        path.touch(mode=0o600)
        path.write_text(text)


def write_file(path: Path, archive: tarfile.TarFile, info: tarfile.TarInfo) -> None:
    if not info.isreg():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with extract(archive, info.name) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
