"""Run the programs of the servers under the servers' account, and identify the servers' processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.server_files import ServerFiles

# Headers and documentation, half of the files, are not needed to run the servers.
IGNORED_FILES = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")


def run(files: ServerFiles, command: Sequence[str | Path], *, timeout: float = 60.0) -> tuple[int, str]:
    """Run a program under the servers' account; return its exit status and output.

    Raises `EmbeddedServerError` if the program cannot be run or does not exit within `timeout` seconds. The output goes
    to a file: if the program starts a daemon, the daemon would keep a pipe open, and reading the pipe would not end.
    """
    account = files.account
    environment: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(files.root), "TZ": "UTC"}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            done = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=files.root,
                env=environment,
                timeout=timeout,
                check=False,
                start_new_session=True,
                umask=0o077,
                user=account.uid if account.switch else None,
                group=account.gid if account.switch else None,
                extra_groups=[] if account.switch else None,
            )
        except PermissionError as error:
            raise EmbeddedServerError(
                f"Could not run {command[0]} as uid {account.uid} ({error.strerror}). Run Surety as an "
                "ordinary user, or set DATABASE_URL and BROKER_URL to your own servers."
            ) from error
        except subprocess.TimeoutExpired:
            output.seek(0)
            raise EmbeddedServerError(
                f"{Path(command[0]).name} did not exit within {timeout:.0f} s:\n{output.read()[-2000:]}"
            ) from None
        output.seek(0)
        return done.returncode, output.read()


def command_line_of(pid: int) -> str | None:
    """Return the command line of a process, or None if no such process runs or the process is a zombie."""
    proc = Path("/proc")
    if (proc / "self" / "stat").exists():
        try:
            state = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
            command = (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if state in ("Z", "X") else os.fsdecode(command).strip()
    listing = subprocess.run(
        ["/bin/ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, command_line = listing.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else command_line.strip()


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log for an error message."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError as error:
        return f"({path}: {error.strerror})"


def copy_binaries(files: ServerFiles, folders: Sequence[Path], version: str) -> Path:
    """Copy folders with binaries to a folder that the servers' account can read, once per `version`. Return the new
    folder.

    For example, the servers' account cannot read the binaries of a clone in /root. The copied folders keep their names
    and stay next to each other, because the programs look for their libraries at relative paths.
    """
    target = files.root / f"bin-{version}"
    if target.is_dir():
        return target
    building = Path(tempfile.mkdtemp(dir=files.root, prefix=".bin-"))
    for folder in folders:
        shutil.copytree(folder, building / folder.name, symlinks=True, ignore=IGNORED_FILES)
    for path in (building, *building.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
        elif not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    building.rename(target)
    return target
