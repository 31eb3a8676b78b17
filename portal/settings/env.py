"""Read environment variables, and refuse invalid values with a message that names the variable."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent

_TRUE, _FALSE = {"1", "yes", "true", "on"}, {"0", "no", "false", "off", ""}


# Variables with secrets. Instead of `<name>`, `<name>_FILE` can be set to the path of a file with the value, such as a
# file that a vault writes.
SECRETS = frozenset(
    {
        "BROKER_URL",
        "CACHE_URL",
        "DATABASE_OWNER_URL",
        "DATABASE_URL",
        "SURETY_ALARM_WEBHOOK",
        "SURETY_JOURNAL_SECRET",
        "SURETY_OIDC_CLIENT_SECRET",
        "SURETY_SECRET_KEY",
        "SURETY_SECRET_KEY_FALLBACKS",
        "SURETY_SMTP_PASSWORD",
    }
)


def text(name: str, default: str = "") -> str:
    """Return the variable's value, or the content of its file, without surrounding white space.

    Raises `ImproperlyConfigured` if both the variable and its file are given, if the path of the file is empty, and if
    the file cannot be read or is empty.
    """
    value = os.environ.get(name, default).strip()
    given = os.environ.get(f"{name}_FILE") if name in SECRETS else None
    if given is None:
        return value
    path = given.strip()
    if not path:
        # An empty path usually comes from an unset variable of the deployment. If it were accepted, Surety would start
        # with a new database or a new key.
        raise ImproperlyConfigured(
            f"{name}_FILE is empty. Set {name}_FILE to the path of a file, or remove the variable."
        )
    if value:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE: {path} cannot be read ({error}). Check the path and its permissions."
        ) from None
    if not content:
        # Surety would treat an empty value like a missing variable, and start with a new database or a new key.
        raise ImproperlyConfigured(f"{name}_FILE: {path} is empty. Write the value of {name} to this file.")
    return content


def boolean(name: str, default: bool = False) -> bool:
    """Return whether the variable is 1, yes, true or on. Raises `ImproperlyConfigured` if the value means neither yes
    nor no.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} means neither yes nor no. Set {name} to 1 or 0.")


def choice(name: str, default: str, values: Sequence[str]) -> str:
    """Return the item of `values` that equals the variable's value. Upper and lower case make no difference.

    Raises `ImproperlyConfigured` if no item equals the value.
    """
    value = text(name) or default
    found = next((one for one in values if one.casefold() == value.casefold()), None)
    if found is None:
        raise ImproperlyConfigured(
            f"{value!r} is not a possible value of {name}. Set {name} to one of {', '.join(values)}."
        )
    return found


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """Return the variable's whole number. Raises `ImproperlyConfigured` for other text, and for a number below
    `minimum` or above `maximum`.
    """
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number. Set {name} to {minimum} or more, for example {default}."
        ) from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number} is too small. Set {name} to {minimum} or more.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name}={number} is too large. Set {name} to {maximum} or less.")
    return number


def comma_separated(name: str) -> list[str]:
    """Return the items of the variable's comma-separated list."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def host_names(name: str) -> list[str]:
    """Return the host names of the variable's comma-separated list. A leading dot stands for all names below a domain.

    Raises `ImproperlyConfigured` for a URL or a port, because they would match no host, and for `*`, because it would
    match every host.
    """
    found = comma_separated(name)
    for item in found:
        if not re.fullmatch(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]", item):
            raise ImproperlyConfigured(
                f"{name} contains {item!r}, which is not a host name. Write host names without scheme and port, such"
                " as www.example.com."
            )
    return found


def mail_address(name: str, default: str = "") -> str:
    """Return the variable's email address, with or without a name: `Surety <surety@example.com>`.

    Raises `ImproperlyConfigured` for an invalid address.
    """
    value = text(name, default)
    if value and not re.fullmatch(r"[^@\s,]+@[^@\s,]+", parseaddr(value)[1]):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an email address. Set {name} to an address such as surety@example.com."
        )
    return value


def pairs(name: str, example: str) -> dict[str, str]:
    """Return {key: value} of the variable's comma-separated list of `key=value`.

    Raises `ImproperlyConfigured` for an item of another form, and for a repeated key.
    """
    found = {}
    for item in comma_separated(name):
        key, _, value = (part.strip() for part in item.partition("="))
        if not key or not value or key in found:
            raise ImproperlyConfigured(
                f"{name} contains {item!r}, which is not a pair of a key and a value, or"
                f" repeats a key. Write pairs in the form {example}."
            )
        found[key] = value
    return found


ENCODING_HINT = (
    "Write special characters of the password in percent-encoding, such as %2F for / and %23 for #."
)


def server_address(name: str) -> str:
    """Return the variable's URL of a Valkey or Redis server.

    Raises `ImproperlyConfigured` if its port is invalid, or if the password contains a character such as /, so that the
    host cannot be recognized. The message does not contain the URL, because the URL contains the password.
    """
    value = text(name)
    try:
        parts = urlsplit(value)
        is_clear = parts.port != 0 and ("@" in parts.netloc or "@" not in value)
    except ValueError:
        is_clear = False
    if not is_clear:
        raise ImproperlyConfigured(
            f"{name} is not a valid address. Write it as rediss://USER:PASSWORD@HOST:6379/0. {ENCODING_HINT}"
        )
    return value


def state_directory() -> Path:
    """Return ``SURETY_HOME``, the folder for all files that Surety writes (default: ``.surety`` beside manage.py)."""
    return Path(text("SURETY_HOME") or BASE_DIR / ".surety").expanduser().resolve()
