"""Find the server, and the token or client secret, that a command uses: in its options, in the environment, or in the
stored sign-in.

The sign-in is stored in `surety/login.json` in the user's configuration folder. Only the user may read this file.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from surety_cli.exits import UsageFailure

SERVER: Final = "SURETY_SERVER"
TOKEN: Final = "SURETY_TOKEN"  # noqa: S105 - the name of a variable
CLIENT_ID: Final = "SURETY_CLIENT_ID"
CLIENT_SECRET: Final = "SURETY_CLIENT_SECRET"  # noqa: S105 - the name of a variable
CA_FILE: Final = "SURETY_CA_FILE"
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Login:
    """A server, and the token or client secret that is sent to it.

    `server` is the URL of the server, without a final slash. `ca_file` is the path of a file with the server's
    certificate authority, or empty. If `token` is empty, access tokens are requested with `client_id` and
    `client_secret`.
    """

    server: str
    token: str
    ca_file: str = ""
    client_id: str = ""
    client_secret: str = ""

    def __repr__(self) -> str:
        shown = f"{self.client_id!r}, <secret>" if self.client_id else "<token>"
        return f"Login({self.server!r}, {shown}, {self.ca_file!r})"


def file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the file for the stored sign-in. The file need not exist."""
    if sys.platform == "win32":
        folder = environment.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    else:
        folder = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(folder) / "surety" / "login.json"


def server_address(text: str) -> str:
    """Return the server's URL in the form in which it is stored. Raise UsageFailure for an invalid URL.

    A token must not be sent without encryption. So http is refused, except for a server on this machine.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageFailure(
            f"{text} is not the address of a server. Enter an address such as https://surety.example.com."
        )
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageFailure(
            "The address of the server must have no user name, path, parameters or fragment. Enter an address such as"
            " https://surety.example.com."
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UsageFailure(
            f"The address {text} is not encrypted, so others could read the token. Use an https address."
        )
    return f"{parts.scheme}://{parts.netloc}"


def checked_token(text: str, kind: str = "token") -> str:
    """Return the token without spaces around it. Raise UsageFailure if the token contains characters that tokens never
    contain.

    If an invalid token were not refused here, an error of the HTTP library would print the whole token. The function
    also checks client ids and secrets. The error names `kind`, the kind of text that was checked.
    """
    token = text.strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageFailure(
            f"The {kind} contains invalid characters. Copy it again without spaces or line breaks."
        )
    return token


def checked_client(client_id: str, client_secret: str) -> tuple[str, str]:
    """Return client id and client secret without spaces around them. Raise UsageFailure if only the id or only the
    secret is given, or if either contains invalid characters.
    """
    given = checked_token(client_id, "client id"), checked_token(client_secret, "client secret")
    if any(given) and not all(given):
        raise UsageFailure(f"Set both {CLIENT_ID} and {CLIENT_SECRET}.")
    return given


def chosen(server: str | None, ca_file: str | None, environment: Mapping[str, str] = os.environ) -> Login:
    """Return the server, and the token or client secret, that a command uses. Raise UsageFailure if the server is
    missing, or if both token and client secret are missing.

    Options take precedence over the environment, and the environment over the stored sign-in. In the environment, a
    token takes precedence over a client secret. A stored token or secret is sent only to the server for which it was
    stored.
    """
    stored = load(environment)
    given = server or environment.get(SERVER)
    address = server_address(given) if given else stored.server if stored else ""
    if not address:
        raise UsageFailure(f"No server is known. Run surety login --server ADDRESS, or set {SERVER}.")
    same = stored is not None and stored.server == address
    known = stored.ca_file if stored and same else ""
    authority = ca_file or environment.get(CA_FILE) or known
    if token := checked_token(environment.get(TOKEN, "")):
        return Login(address, token, authority)
    client = checked_client(environment.get(CLIENT_ID, ""), environment.get(CLIENT_SECRET, ""))
    if any(client):
        return Login(address, "", authority, *client)
    if stored is None or not same:
        raise UsageFailure(
            f"No token is known for {address}. Run surety login --server {address}, or set {TOKEN}, or {CLIENT_ID} and"
            f" {CLIENT_SECRET}."
        )
    return replace(stored, ca_file=authority)


def load(environment: Mapping[str, str] = os.environ) -> Login | None:
    """Return the stored sign-in, or None if no sign-in is stored. Raise UsageFailure if other users can read the file,
    or if the file is damaged.
    """
    path = file(environment)
    try:
        with path.open(encoding="utf-8") as source:
            mode = os.fstat(source.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise UsageFailure(
                    f"Others can read the token or client secret in {path}. Revoke it in Surety, then run surety"
                    " logout."
                )
            content = json.load(source)
        return _login_of(content)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageFailure(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageFailure(f"{path} is damaged. Run surety logout, then surety login.") from None


def _login_of(content: dict[str, object]) -> Login:
    """Return the sign-in that a file contains. Raise ValueError or KeyError if a value is missing."""
    names = ("token",) if "token" in content else ("client_id", "client_secret")
    values = {name: str(content[name]) for name in ("server", *names)}
    if not all(values.values()):
        raise ValueError("an empty value")
    return Login(**{"token": "", **values}, ca_file=str(content.get("ca_file", "")))


def store(login: Login, environment: Mapping[str, str] = os.environ) -> Path:
    """Store the sign-in so that only the user can read it, and return the path. Raise UsageFailure if the file cannot
    be written.
    """
    path = file(environment)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes a new file with mode 0600. It never follows a link that somebody else has placed there.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".login-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as target:
                json.dump({name: value for name, value in asdict(login).items() if value}, target)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageFailure(
            f"{path} cannot be written: {error.strerror}. Use environment variables instead."
        ) from None
    return path


def forget(environment: Mapping[str, str] = os.environ) -> bool:
    """Delete the stored sign-in. Return whether a sign-in was stored."""
    try:
        file(environment).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageFailure(f"{file(environment)} cannot be deleted: {error.strerror}.") from None
    return True
