"""The address of the web server: whether it is free, and the URL with which people open the portal."""

from __future__ import annotations

import errno
import socket
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError

from portal.settings.security import LOOPBACK

_MAX_PORT: Final = 65535


def require_free_address(bind: str) -> None:
    """Raise CommandError if another program listens at `bind` (ADDRESS:PORT); a Unix socket is not checked."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:") or not port.isdecimal():
        return
    if int(port) > _MAX_PORT:
        raise CommandError(
            f"{port} is not a valid port. Enter --bind ADDRESS:PORT with a port of at most {_MAX_PORT}."
        )
    host = host.strip("[]") or "0.0.0.0"  # noqa: S104 - as gunicorn does if no host is given
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Set the same option as the web server. Then a port counts as free although old connections are still closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise CommandError(_reason(bind, host, int(port), error)) from error


def site(bind: str) -> str:
    """Return the URL with which people open the portal that listens at `bind`.

    The portal answers only requests for the host of SURETY_URL. If this host is a loopback name, such as
    127.0.0.1, the portal answers requests for all names in `LOOPBACK`, at the port in `bind`.
    """
    address = urlsplit(settings.SURETY_URL)
    if address.scheme != "http" or address.hostname not in LOOPBACK or bind.startswith("unix:"):
        return settings.SURETY_URL
    host, _, port = bind.rpartition(":")
    if host not in LOOPBACK:
        host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    return f"http://{host}:{port}"


def remark_about_proxy(bind: str) -> str:
    """Return a sentence for the terminal if people can open SURETY_URL only through a reverse proxy, otherwise an
    empty text.
    """
    address = urlsplit(settings.SURETY_URL)
    is_local = not bind.startswith("unix:") and bind.rpartition(":")[0] in LOOPBACK
    if not is_local or (address.scheme == "http" and address.hostname in LOOPBACK):
        return ""
    return (
        f"Only programs on this machine can connect to {bind}, and only without https. To let people open"
        f" {settings.SURETY_URL}, set up a reverse proxy that forwards the requests (docs/operations/servers.md,"
        " “The reverse proxy”)."
    )


def _reason(bind: str, host: str, port: int, error: OSError) -> str:
    another = port + 1 if port < _MAX_PORT else port - 1
    if error.errno == errno.EADDRINUSE:
        return (
            f"Another program uses port {port} of {host}, perhaps another Surety or demonstration. Stop that program,"
            f" or choose another port: put SURETY_URL=http://{host}:{another} before make, or pass"
            f" --bind {host}:{another}"
        )
    return f"The web server cannot use {bind}: {error.strerror}. Choose another address with --bind."
