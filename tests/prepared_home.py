"""A state directory as `manage.py setup` leaves it, made once per run of the tests and copied wherever one is needed.

Setting up takes some six seconds of processor time, most of them for the migrations; a copy takes half a second.
A copy has the same passwords and keys as the original, but servers of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from portal.embedded import Postgres, ServerFiles, Valkey
from portal.settings.env import BASE_DIR

INHERITED = ("PATH", "LANG", "TMPDIR")
# The usual umask of a shell, which makes no file private. So files are private only if the programs make them so.
UMASK = 0o022


class PreparedHome:
    """The state directory to copy, stored as two archives in a folder that all xdist workers of the run share."""

    def __init__(self, folder: Path) -> None:
        self._home, self._servers = folder / "prepared-home.tar", folder / "prepared-servers.tar"
        self._lock = folder / "prepared-home.lock"

    def copy_to(self, home: Path) -> None:
        """Write a copy to a state directory that does not exist yet. The servers of the copy are stopped."""
        with self._lock.open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._servers.exists():  # This archive is written last, so if it exists, both exist.
                self._make()
        home.parent.mkdir(parents=True, exist_ok=True)
        _unpack(self._home, home)
        # Unpack the archive of the servers second: `ServerFiles` needs the id in the unpacked state directory.
        _unpack(self._servers, ServerFiles(home).root)

    def _make(self) -> None:
        base = Path(tempfile.mkdtemp(prefix="surety-prepared-"))
        base.chmod(0o711)  # The account that runs the servers must be able to pass through this folder.
        home = base / "home"
        try:
            done = subprocess.run(
                [sys.executable, "manage.py", "setup"],
                cwd=BASE_DIR,
                env={k: v for k, v in os.environ.items() if k in INHERITED} | {"SURETY_HOME": str(home)},
                umask=UMASK,
                capture_output=True,
                text=True,
                check=False,
            )
            for server in (Postgres(home), Valkey(home)):
                server.stop()
            if done.returncode:
                raise RuntimeError(f"manage.py setup ended with status {done.returncode}:\n{done.stderr}")
            servers = ServerFiles(home).root
            _pack(home, self._home, without=servers)
            _pack(servers, self._servers)
        finally:
            ServerFiles(home).remove()
            shutil.rmtree(base)


def _pack(folder: Path, archive: Path, without: Path | None = None) -> None:
    unfinished = archive.with_suffix(".unfinished")
    with tarfile.open(unfinished, "w") as tar:
        tar.add(folder, ".", recursive=False)
        for entry in sorted(folder.iterdir()):
            if entry != without:
                tar.add(entry, f"./{entry.name}")
    unfinished.replace(archive)


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        # Restore owners and modes, too. This is safe, because the tests have written the archive themselves.
        tar.extractall(folder, numeric_owner=True, filter="fully_trusted")
