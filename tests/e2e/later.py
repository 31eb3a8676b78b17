"""Start an installation with a later clock, so that waiting periods end without changes to the product or its data.

Surety has no setting for its clock. So libfaketime answers whenever a process of the installation, such as the database
server, asks the system for the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from portal.embedded import Postgres

PRELOAD = "DYLD_INSERT_LIBRARIES" if sys.platform == "darwin" else "LD_PRELOAD"
_FOLDERS = ("/usr/lib/*/faketime", "/usr/lib64/faketime", "/usr/lib/faketime", "/opt/homebrew/lib/faketime")


def environment(days: int) -> dict[str, str]:
    """Return the variables with which a process has a clock that is some days ahead."""
    name = "libfaketime.1.dylib" if sys.platform == "darwin" else "libfaketimeMT.so.1"
    found = [file for folder in _FOLDERS for file in Path("/").glob(f"{folder[1:]}/{name}")]
    assert found, "This test needs libfaketime. Install it with `make browser`, or the package “libfaketime”."
    return {
        PRELOAD: str(found[0]),
        "FAKETIME": f"+{days}d",
        # Leave the monotonic clock, on which time-outs depend, and the times of files unchanged.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def start_database(home: Path, days: int) -> None:
    """Start the embedded database of a stopped installation with a later clock, as `manage.py services` starts it."""
    server = Postgres(home)
    account = server.files.account
    done = subprocess.run(
        [server.binaries / "pg_ctl", "start", "-D", server.data, "-l", server.log, "-w", "-t", "60"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=server.files.root,
        env={
            "PATH": os.defpath,
            "LC_ALL": "C",
            "HOME": str(server.files.root),
            "TZ": "UTC",
            **environment(days),
        },
        check=False,
        start_new_session=True,
        umask=0o077,
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
    )
    assert done.returncode == 0, server.log.read_text()[-3000:]
