"""The server and the token of the commands: from options, the environment, or the stored sign-in.

The file is `surety/login.json` in the user's configuration folder. Only the user may read it.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from surety_cli.exits import UsageFailure

SERVER: Final = "SURETY_SERVER"
TOKEN: Final = "SURETY_TOKEN"  # noqa: S105 - the name of a variable
CA_FILE: Final = "SURETY_CA_FILE"
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Login:
    """The address of a server without a final slash, a token, and the file of a certificate authority (or empty)."""

    server: str
    token: str
    ca_file: str = ""

    def __repr__(self) -> str:
        return f"Login({self.server!r}, <token>, {self.ca_file!r})"


def file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the stored sign-in, whether it exists or not."""
    if sys.platform == "win32":
        folder = environment.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    else:
        folder = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(folder) / "surety" / "login.json"


def server_address(text: str) -> str:
    """Return the server's address in the form in which it is stored. Raise UsageFailure for an invalid address.

    A token must not be sent without encryption, so http is refused except for this machine.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageFailure(
            f"{text} is not the address of a server. Enter one such as https://surety.example.com."
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageFailure("The address of the server must have no user name, parameters or fragment.")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UsageFailure(f"{text} has no encryption, so others could read the token. Use https.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def checked_token(text: str) -> str:
    """Return the token without spaces around it. Raise UsageFailure for characters that no token has.

    The HTTP library would print the whole token in its error message about such characters.
    """
    token = text.strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageFailure("The token has characters that no token has. Copy it again, as a single word.")
    return token


def chosen(server: str | None, ca_file: str | None, environment: Mapping[str, str] = os.environ) -> Login:
    """Return server and token of a command. Raise UsageFailure if one is missing.

    Options win over the environment, which wins over the stored sign-in. A stored token is sent only to the server for
    which it was stored.
    """
    stored = load(environment)
    given = server or environment.get(SERVER)
    address = server_address(given) if given else stored.server if stored else ""
    if not address:
        raise UsageFailure(f"No server is known. Run surety login --server ADDRESS, or set {SERVER}.")
    same = stored is not None and stored.server == address
    token = checked_token(environment.get(TOKEN, "")) or (stored.token if stored and same else "")
    if not token:
        raise UsageFailure(
            f"No token is known for {address}. Run surety login --server {address}, or set {TOKEN}."
        )
    known = stored.ca_file if stored and same else ""
    return Login(address, token, ca_file or environment.get(CA_FILE) or known)


def load(environment: Mapping[str, str] = os.environ) -> Login | None:
    """Return the stored sign-in, or None. Raise UsageFailure if others can read it or it is damaged."""
    path = file(environment)
    try:
        with path.open(encoding="utf-8") as source:
            mode = os.fstat(source.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise UsageFailure(
                    f"Others can read the token in {path}. Revoke it on the page API tokens, then run surety logout."
                )
            content = json.load(source)
        return Login(str(content["server"]), str(content["token"]), str(content.get("ca_file", "")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageFailure(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageFailure(f"{path} is damaged. Run surety logout, then surety login.") from None


def store(login: Login, environment: Mapping[str, str] = os.environ) -> Path:
    """Store the sign-in so that only the user can read it, and return the file. Raise UsageFailure if it cannot be
    written."""
    path = file(environment)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes a new file with mode 0600. It never follows a link that somebody else has placed there.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".login-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as target:
                json.dump({"server": login.server, "token": login.token, "ca_file": login.ca_file}, target)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageFailure(f"{path} cannot be written: {error.strerror}. Use {TOKEN} instead.") from None
    return path


def forget(environment: Mapping[str, str] = os.environ) -> bool:
    """Delete the stored sign-in. Return whether there was one."""
    try:
        file(environment).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageFailure(f"{file(environment)} cannot be deleted: {error.strerror}.") from None
    return True
