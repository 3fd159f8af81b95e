"""`manage.py backup` and `restore`: all comes back in another home, nothing is overwritten by mistake."""

import io
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.up import Up, run

pytestmark = pytest.mark.flow
MAKE_USER = "from core.models import User; User.objects.create_user('kept', password='correct horse battery')"
SEE_USER = (
    "from core.models import User; u = User.objects.get(username='kept'); "
    "print('right' if u.check_password('correct horse battery') else 'wrong')"
)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder with a home that holds something, and its backup `kept.itim`, made while it ran."""
    with tempfile.TemporaryDirectory(prefix="itim-backup-") as folder:
        place = Path(folder)
        with Up(place / "home") as up:
            up.await_ready()
            assert run(["shell", "-c", MAKE_USER], place / "home").returncode == 0
            upload = place / "home" / "uploads" / "racks" / "plan ü.txt"
            upload.parent.mkdir(parents=True)
            upload.write_bytes(b"rack 4\n" * 1000)
            done = run(["backup", str(place / "kept.itim")], place / "home")
            assert done.returncode == 0, done.stderr
        yield place


def test_backup_is_for_the_owner_alone(place: Path) -> None:
    assert stat.S_IMODE((place / "kept.itim").stat().st_mode) == 0o600


def test_round_trip_into_a_new_home(place: Path, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="itim-restore-") as folder:
        home = Path(folder) / "home"
        done = run(["restore", str(place / "kept.itim")], home)
        assert done.returncode == 0, done.stderr
        for name in ("secret_key", "encryption_key"):
            assert (home / name).read_text() == (place / "home" / name).read_text()
            assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
        assert (home / "uploads" / "racks" / "plan ü.txt").read_bytes() == b"rack 4\n" * 1000
        with Up(home) as up:
            up.await_ready()
            assert "log in as" not in up.text, "the first admin came back, no second one is made"
            assert run(["shell", "-c", SEE_USER], home).stdout.strip().endswith("right")


def test_backup_works_while_nothing_runs(place: Path, tmp_path: Path) -> None:
    done = run(["backup", str(tmp_path / "cold.itim")], place / "home")
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "cold.itim") as archive:
        assert archive.getnames()[0] == "manifest.json"


def test_existing_file_is_not_replaced(place: Path) -> None:
    done = run(["backup", str(place / "kept.itim")], place / "home")
    assert done.returncode == 1
    assert "exists already" in done.stderr


def test_home_in_use_is_not_overwritten(place: Path) -> None:
    done = run(["restore", str(place / "kept.itim")], place / "home")
    assert done.returncode == 1
    assert "is not empty (--force replaces it)" in done.stderr


def test_force_replaces(place: Path, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="itim-restore-") as folder:
        home = Path(folder) / "home"
        shutil.copytree(place / "home", home, ignore=shutil.ignore_patterns("postgres", "run", "valkey"))
        done = run(["restore", "--force", str(place / "kept.itim")], home)
        assert done.returncode == 0, done.stderr


def altered(source: Path, target: Path, name: str, content: bytes) -> Path:
    """A copy of the archive in which one member has other content."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for info in old:
            data = content if info.name == name else (old.extractfile(info) or io.BytesIO()).read()
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))
        if name not in old.getnames():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
    return target


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("database.dump", b"PGDMP nonsense", "is damaged"),
        ("manifest.json", b"{", "no backup of ITIM"),
        ("manifest.json", b"[]", "no backup of ITIM"),
        ("manifest.json", b'{"format": 1}', "no backup of ITIM"),
        (
            "manifest.json",
            b'{"format": 99, "postgresql": 18, "migrations": [], "dump_sha256": ""}',
            "format 99",
        ),
        ("uploads/../../outside", b"x", "not to be trusted"),
    ],
)
def test_what_is_no_good_backup_is_refused(
    place: Path, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    bad = altered(place / "kept.itim", tmp_path / "bad.itim", name, content)
    done = run(["restore", "--force", str(bad)], place / "home")
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "outside").exists()


def test_newer_backup_is_refused(place: Path, tmp_path: Path) -> None:
    with tarfile.open(place / "kept.itim") as archive:
        manifest = (archive.extractfile("manifest.json") or io.BytesIO()).read()
    newer = manifest.replace(b'"migrations": [', b'"migrations": ["core.9999_from_tomorrow",')
    bad = altered(place / "kept.itim", tmp_path / "bad.itim", "manifest.json", newer)
    done = run(["restore", "--force", str(bad)], place / "home")
    assert done.returncode == 1
    assert "newer ITIM (it has core.9999_from_tomorrow)" in done.stderr


def test_file_that_is_no_archive(place: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    done = run(["restore", str(tmp_path / "text")], tmp_path / "home")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
