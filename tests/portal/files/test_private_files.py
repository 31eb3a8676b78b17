"""Other users of the machine cannot read any file of a state directory, no matter which program wrote it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR
from tests.portal.embedded.conftest import Homes, needs_root
from tests.prepared_home import PreparedHome

MAIL = """
from django.core.mail import EmailMessage
EmailMessage("Reset", "https://surety.example/accounts/password/reset/key/1-token/", to=["a@b.example"]).send()
"""
READ = """
import os, sys
found = []
for folder, folders, files in os.walk(sys.argv[1], onerror=None):
    for name in files:
        try:
            open(os.path.join(folder, name), "rb").read(1)
            found.append(os.path.join(folder, name))
        except OSError:
            pass
for path in sys.argv[2:]:
    try:
        open(path, "rb").read(1)
        found.append(path)
    except OSError:
        pass
print(found)
"""

PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    homes = Homes()
    yield homes.make()
    homes.remove()


def manage(home: Path, *arguments: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "TMPDIR")}
    # With the usual umask of a shell, everybody can read new files. So Surety must restrict their modes itself.
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR, env={**environment, "SURETY_HOME": str(home)}, umask=0o022,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def used_home(home: Path, prepared_home: PreparedHome) -> Path:
    """A state directory with keys, logs of the servers, and a mail with a reset link. The tests only read it."""
    prepared_home.copy_to(home)  # A copy has the owners and modes that `manage.py setup` gave.
    manage(home, "shell", "-c", MAIL)
    assert list((home / "mail").iterdir())
    return home


@pytest.mark.slow(seconds=8)
def test_all_files_are_private_also_with_an_open_umask(used_home: Path) -> None:
    account_files = used_home / "servers"
    for path in used_home.rglob("*"):
        if path.is_relative_to(account_files) or path.is_symlink():
            continue  # These files belong to the servers' account; tests/portal/embedded/test_servers.py tests them.
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} has the mode {mode:o}"
    assert stat.S_IMODE(used_home.stat().st_mode) in (0o700, 0o710)


@pytest.mark.slow(seconds=7)
@needs_root
@pytest.mark.parametrize("user", ["nobody", "daemon"])
def test_another_user_reads_nothing(used_home: Path, user: str) -> None:
    every_file = [str(path) for path in used_home.rglob("*") if path.is_file()]
    assert any("/mail/" in path for path in every_file)
    done = subprocess.run(
        [PYTHON, "-c", READ, str(used_home), *every_file],
        user=user, group="nogroup", extra_groups=[], cwd="/", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
