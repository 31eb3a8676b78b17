"""Where the embedded servers live: data, sockets, logs and passwords, for one ``SURETY_HOME``.

PostgreSQL refuses to run as root, so root runs the servers as ``nobody``. ``nobody`` must then reach the
data, the sockets and the binaries; where the home is closed to it (a clone under /root, a 0700 folder),
no permission of a parent folder is changed: the servers get a folder of their own outside.

Folders outside are named by a hash of the home's path and of a random id kept in the home: two homes never
share one, nor does a new clone at the path of a deleted one inherit its servers.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from portal.embedded.errors import EmbeddedServerError

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
SOCKET_PATH_MAX = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
LOCK_TIMEOUT_SECONDS = 90.0


@dataclass(frozen=True)
class Account:
    """The system account the server processes run under; ``None`` in `switch` means: as we are."""

    uid: int
    gid: int
    switch: bool


def server_account() -> Account:
    """``nobody`` for root, ourselves for everybody else."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedServerError(
            "PostgreSQL does not run as root and this system has no user `nobody`. Run Surety as an ordinary "
            "user, or set DATABASE_URL and BROKER_URL to real servers."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid, switch=True)


def write_once(path: Path, text: str) -> str:
    """Write `text` to `path` (mode 0600) unless it exists; return what the file holds. Safe against races."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        pass
    except PermissionError:
        raise EmbeddedServerError(
            f"{path} belongs to another user. Run as that user, or set SURETY_HOME to a folder of your own."
        ) from None
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            # link() fails where the name exists: whoever comes second takes the first one's text.
            os.link(temporary, path)
        except FileExistsError:
            return path.read_text(encoding="utf-8")
    finally:
        Path(temporary).unlink()
    return text


def ensure_home(home: Path) -> None:
    """Create `home` when missing. Root lets others pass through it: ``nobody``'s data is below."""
    if not home.is_dir():
        try:
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise EmbeddedServerError(
                f"The state folder {home} cannot be created ({error.strerror}). Set SURETY_HOME to a folder "
                "that can be written."
            ) from error


class ServerFiles:
    """The files of the embedded servers of one home. Reading properties creates at most its id file."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.account = server_account()

    @cached_property
    def key(self) -> str:
        """Names this home where a name must be unique on the machine: 16 hex digits."""
        ensure_home(self.home)
        identity = write_once(self.home / "home-id", secrets.token_hex(16)).strip()
        return hashlib.sha256(f"{self.home}\n{identity}".encode()).hexdigest()[:16]

    @cached_property
    def root(self) -> Path:
        """The folder with the servers' data: inside the home where the account reaches it."""
        ensure_home(self.home)
        if not self.account.switch or self.is_reachable(self.home):
            return self.home / "servers"
        return Path("/var/tmp") / f"surety-{self.key}"  # noqa: S108 - made private, its owner checked

    @cached_property
    def sockets(self) -> Path:
        """The folder with the sockets; under the system's temporary folder when the path is too long."""
        inside = self.root / "run"
        if len(os.fsencode(inside / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX:
            return inside
        for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - made private, its owner checked
            short = Path(base).resolve() / f"surety-{self.key}-run"
            fits = len(os.fsencode(short / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX
            if fits and (not self.account.switch or self.is_reachable(short.parent)):
                return short
        raise EmbeddedServerError(
            f"No folder with a path short enough for a socket was found. Set TMPDIR or SURETY_HOME "
            f"({self.home}) to a shorter path."
        )

    @property
    def logs(self) -> Path:
        return self.root / "log"

    def is_reachable(self, path: Path) -> bool:
        """Whether the account may pass through `path` and every folder above it."""
        return all(self._may_enter(folder) for folder in (path, *path.parents))

    def _may_enter(self, folder: Path) -> bool:
        try:
            status = folder.stat()
        except FileNotFoundError:
            return True  # made by us later, with the right mode
        if status.st_uid == self.account.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.account.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def prepare(self) -> None:
        """Create the folders: ours to hold the passwords, the account's own for data, sockets and logs."""
        self._make_private(self.root, os.geteuid(), os.getegid(), 0o711 if self.account.switch else 0o700)
        for folder in (self.sockets, self.logs):
            self._make_private(folder, self.account.uid, self.account.gid, 0o700)

    def server_folder(self, name: str) -> Path:
        """The data folder of the server `name`, created for the account when missing."""
        folder = self.root / name
        self._make_private(folder, self.account.uid, self.account.gid, 0o700)
        return folder

    def _make_private(self, folder: Path, uid: int, gid: int, mode: int) -> None:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            # In a shared temporary folder somebody else could have put the name there first.
            status = folder.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (uid, os.geteuid()):
                raise EmbeddedServerError(
                    f"{folder} is not a folder of the expected owner (uid {uid}). Remove it, or set "
                    "SURETY_HOME to another folder."
                ) from None
        if folder.stat().st_uid != uid:
            os.chown(folder, uid, gid)
        folder.chmod(mode)

    def passwords(self) -> dict[str, str]:
        """Random passwords of the roles, made on first use: ``admin``, ``owner``, ``app``, ``broker``."""
        ensure_home(self.home)
        fresh = {name: secrets.token_urlsafe(24) for name in ("admin", "owner", "app", "broker")}
        stored = write_once(self.home / "servers.json", json.dumps(fresh))
        passwords: dict[str, str] = json.loads(stored)
        return passwords

    def write_for_server(self, path: Path, text: str) -> None:
        """Write a file only the server's account reads."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if self.account.switch:
            os.chown(path, self.account.uid, self.account.gid)

    def remove(self) -> None:
        """Delete data, sockets and logs of both servers (stop them first), wherever they are."""
        for folder in (self.root, self.sockets):
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` of this home: of two starters the second waits and finds a running server."""
        ensure_home(self.home)
        with (self.home / f"{name}.lock").open("w", encoding="utf-8") as file:
            deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise EmbeddedServerError(
                            f"Another process has held {file.name} for {LOCK_TIMEOUT_SECONDS:.0f} s. "
                            "Look for a hanging `manage.py` and end it."
                        ) from None
                    time.sleep(0.05)
            yield
