"""Files of the embedded servers of one state directory (``SURETY_HOME``): data, sockets, logs and passwords.

PostgreSQL refuses to run as root. So if root starts the servers, they run as the system user ``surety-servers``, who
owns data and sockets. If this user cannot reach the state directory, for example in a clone under /root, data and
sockets are in a folder below /var/lib. Permissions of parent folders are never changed.

The name of the folder below /var/lib is a hash of the path of the state directory and of a random id, which the state
directory contains. So if a clone is deleted, and a new one is made at the same path, the new clone does not get the old
servers.
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
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from portal.embedded.errors import EmbeddedServerError

# The path of a Unix socket (sun_path) can have 108 bytes on Linux and 104 on macOS, the closing NUL included.
SOCKET_PATH_MAX = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
LOCK_TIMEOUT_SECONDS = 90.0
SERVER_USER = "surety-servers"
OUTSIDE = Path("/var/lib")
# Earlier versions put the data here, where systemd deletes files that were not used for 30 days.
FORMER_OUTSIDE = Path("/var/tmp")  # noqa: S108 - the folder in it is made private, and its owner is checked


@dataclass(frozen=True)
class Account:
    """The system account that runs the servers. `switch` is true if this process runs under another account."""

    uid: int
    gid: int
    switch: bool


def server_account() -> Account:
    """Return the account of this process; for root, the system user `SERVER_USER`, which is created if absent.

    The system user is not ``nobody``, because other programs that run as ``nobody`` could read the servers' data.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        found = pwd.getpwnam(SERVER_USER)
    except KeyError:
        found = _create_server_user()
    return Account(found.pw_uid, found.pw_gid, switch=True)


def _uid_and_gid(name: str) -> tuple[int, int] | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return found.pw_uid, found.pw_gid


def _create_server_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    reason = "this system has no program useradd"
    if useradd is not None:
        done = subprocess.run(
            [
                *(useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"),
                *("--shell", "/usr/sbin/nologin", SERVER_USER),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        reason = f"useradd: {done.stderr.strip()}"
    try:
        return pwd.getpwnam(SERVER_USER)  # The user may also have been created by another process just now.
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL cannot run as root. The system user {SERVER_USER}, which would run it, could not be created"
            f" ({reason}). Create this user, run Surety as an ordinary user, or set DATABASE_URL and BROKER_URL"
            " to your own servers."
        ) from None


def write_once(path: Path, text: str) -> str:
    """Write `text` to a new file (mode 0600), or leave an existing file as it is; return the file's content.

    If several processes call this function at the same time, one of them writes its text, and all return this text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        pass
    except PermissionError:
        raise EmbeddedServerError(
            f"Could not read {path}, because it belongs to another user. Run the command as that user, or set"
            " SURETY_HOME to a folder of your own."
        ) from None
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            os.link(temporary, path)  # Unlike rename(), link() fails if the file exists.
        except FileExistsError:
            return path.read_text(encoding="utf-8")
    finally:
        Path(temporary).unlink()
    return text


def ensure_home(home: Path) -> None:
    """Create the state directory unless it exists, and close it to all other users: mode 0700.

    If root has run servers, the mode is 0710 for the group of the servers' account, so that the servers can reach their
    data in the directory.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = home.stat()
        if status.st_uid != os.geteuid():
            return  # The directory belongs to another user, and only that user can change its mode.
        group, mode = status.st_gid, 0o700
        if os.geteuid() == 0 and (servers := _uid_and_gid(SERVER_USER)) is not None:
            group, mode = servers[1], 0o710
        if status.st_gid != group:
            os.chown(home, -1, group)
        if stat.S_IMODE(status.st_mode) != mode:
            home.chmod(mode)
    except OSError as error:
        raise EmbeddedServerError(
            f"Could not create the state directory {home}, or could not deny other users access to this directory"
            f" ({error.strerror}). Set SURETY_HOME to a folder of your own that you can write to."
        ) from error


class ServerFiles:
    """Paths and passwords of the embedded servers of one state directory.

    Reading a property creates at most the state directory and its id file.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.account = server_account()

    @cached_property
    def key(self) -> str:
        """A name of 16 hexadecimal digits for the state directory, unique on this machine."""
        ensure_home(self.home)
        identity = write_once(self.home / "home-id", secrets.token_hex(16)).strip()
        return hashlib.sha256(f"{self.home}\n{identity}".encode()).hexdigest()[:16]

    @cached_property
    def root(self) -> Path:
        """The folder with the servers' data: in the state directory if the servers' account can reach that directory,
        otherwise below `OUTSIDE` or, if `OUTSIDE` does not exist, below `FORMER_OUTSIDE`.

        Older releases put the data below `FORMER_OUTSIDE`, where it stays until somebody moves it. But if the folder
        below `OUTSIDE` exists, `FORMER_OUTSIDE` is ignored: every user can read the folder's name below `OUTSIDE`, and
        create a folder with this name below `FORMER_OUTSIDE`.
        """
        ensure_home(self.home)
        if not self.account.switch or self.is_reachable(self.home):
            return self.home / "servers"
        name = f"surety-{self.key}"
        folder, former = OUTSIDE / name, FORMER_OUTSIDE / name
        if not OUTSIDE.is_dir() or (former.is_dir() and not folder.is_dir()):
            return former
        return folder

    @cached_property
    def sockets(self) -> Path:
        """The folder with the sockets: in `root` or, if the path there would be too long, in the temporary folder."""
        inside = self.root / "run"
        if len(os.fsencode(inside / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX:
            return inside
        for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - the folder is made private
            short = Path(base).resolve() / f"surety-{self.key}-run"
            fits = len(os.fsencode(short / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_MAX
            if fits and (not self.account.switch or self.is_reachable(short.parent)):
                return short
        raise EmbeddedServerError(
            "Could not find a folder with a path that is short enough for a socket. Set TMPDIR or SURETY_HOME to a"
            f" shorter path. SURETY_HOME is now {self.home}."
        )

    @property
    def logs(self) -> Path:
        return self.root / "log"

    def is_reachable(self, path: Path) -> bool:
        """Return whether the servers' account may pass through `path` and every folder above it."""
        return all(self._may_enter(folder) for folder in (path, *path.parents))

    def _may_enter(self, folder: Path) -> bool:
        try:
            status = folder.stat()
        except FileNotFoundError:
            return True  # The folder does not exist yet; it will be created with the right mode.
        if status.st_uid == self.account.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.account.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def prepare(self) -> None:
        """Create the servers' root folder, and the folders for sockets and logs, which the servers' account owns."""
        if self.account.switch:
            self._make_private(self.root, os.geteuid(), self.account.gid, 0o710)
        else:
            self._make_private(self.root, os.geteuid(), os.getegid(), 0o700)
        for folder in (self.sockets, self.logs):
            self._make_private(folder, self.account.uid, self.account.gid, 0o700)

    def server_folder(self, name: str) -> Path:
        """Return the data folder of the server `name`. Create it unless it exists, owned by the account that
        runs the server.
        """
        folder = self.root / name
        self._make_private(folder, self.account.uid, self.account.gid, 0o700)
        return folder

    def _make_private(self, folder: Path, uid: int, gid: int, mode: int) -> None:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            # In a shared temporary folder, another user could have created the folder first. So check its owner.
            status = folder.lstat()
            is_folder, owners = stat.S_ISDIR(status.st_mode), {uid, os.geteuid()}
            if not is_folder or not (
                status.st_uid in {*owners, self._former_uid()} or self._is_copied(folder)
            ):
                raise EmbeddedServerError(
                    f"{folder} is not a folder that belongs to uid {uid}. Remove {folder}, or set SURETY_HOME to"
                    " another folder."
                ) from None
            if status.st_uid not in owners:
                self._take_over(folder, status.st_uid)
        status = folder.stat()
        if (status.st_uid, status.st_gid) != (uid, gid):
            os.chown(folder, uid, gid)
        folder.chmod(mode)

    def _former_uid(self) -> int | None:
        """Return the uid of ``nobody``, under which older releases ran the servers if root started them. Return None if
        this process does not run as root.
        """
        former = _uid_and_gid("nobody") if self.account.switch else None
        return former and former[0]

    def _is_copied(self, folder: Path) -> bool:
        """Return whether this process runs as root, and the folder is inside the servers' root folder.

        Root owns the servers' root folder, so only root can have created folders in it. Such a folder can be trusted
        even if its owner is unknown. The owner is unknown if the data was copied from another machine on which
        `SERVER_USER` had another uid.
        """
        return self.account.switch and folder != self.root and folder.is_relative_to(self.root)

    def _take_over(self, folder: Path, former: int) -> None:
        for path in folder.rglob("*"):
            if path.lstat().st_uid == former:
                os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def passwords(self) -> dict[str, str]:
        """Return the passwords of ``admin``, ``owner``, ``app`` and ``broker``, generated at the first call."""
        ensure_home(self.home)
        fresh = {name: secrets.token_urlsafe(24) for name in ("admin", "owner", "app", "broker")}
        stored = write_once(self.home / "servers.json", json.dumps(fresh))
        passwords: dict[str, str] = json.loads(stored)
        return passwords

    def write_for_server(self, path: Path, text: str) -> None:
        """Write a file that only the servers' account can read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if self.account.switch:
            os.chown(path, self.account.uid, self.account.gid)

    def remove(self) -> None:
        """Delete data, sockets and logs of both servers, which must be stopped."""
        for folder in (self.root, self.sockets):
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` of this state directory. Raises `EmbeddedServerError` after `LOCK_TIMEOUT_SECONDS`.

        If two processes start a server at the same time, the second process waits here, and then finds the server
        running.
        """
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
                            f"Another process has locked {file.name} for more than {LOCK_TIMEOUT_SECONDS:.0f} s. "
                            "Find the `manage.py` process that does not respond and stop it."
                        ) from None
                    time.sleep(0.05)
            yield
