"""Store the state of the demonstration between its runs: ids, passwords and the sandbox's port."""

from __future__ import annotations

import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

PASSWORD_WORDS = (
    "amber birch cedar delta ember fjord grove heron inlet juniper kelp "
    "lagoon maple north otter pine quartz river slate tidal umber willow"
).split()

INTERRUPTED = "interrupted"
"""The value of the key `history` while `demo` records the history of its customers. If a later run of `demo` finds this
value, the recording was interrupted.
"""


class DemoState:
    """The state, in a JSON file in the state directory. Only the owner of the file can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def update(self, **values: Any) -> None:
        """Add the values to the state or replace them in it, and save the file."""
        self.values.update(values)
        temporary = self.path.with_suffix(".part")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(self.values, out, indent=1)
        temporary.replace(self.path)

    def port(self) -> int:
        """Return the sandbox's port. It is the same at every run, because the registered directories refer to it."""
        if "port" not in self.values:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.update(port=probe.getsockname()[1])
        return int(self.values["port"])

    def password(self, email: str) -> str:
        """Return the person's password; generate it at the first run."""
        passwords: dict[str, str] = self.values.setdefault("passwords", {})
        if email not in passwords:
            passwords[email] = (
                "-".join(secrets.choice(PASSWORD_WORDS) for _ in range(4)) + f"-{secrets.randbelow(100):02}"
            )
            self.update(passwords=passwords)
        return passwords[email]
