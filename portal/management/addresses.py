"""Check that the address of the web server is free, before anything else is started."""

from __future__ import annotations

import errno
import socket
from typing import Final

from django.core.management.base import CommandError

_MAX_PORT: Final = 65535


def require_free_address(bind: str) -> None:
    """Raise CommandError if another program listens at `bind` (ADDRESS:PORT); a Unix socket is not checked."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:") or not port.isdecimal():
        return
    if int(port) > _MAX_PORT:
        raise CommandError(
            f"{port} is not a port. Enter --bind ADDRESS:PORT with a port of at most {_MAX_PORT}."
        )
    host = host.strip("[]") or "0.0.0.0"  # noqa: S104 - what the web server binds then
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Set the same option as the web server. Then a port counts as free although old connections are still closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise CommandError(_reason(bind, host, int(port), error)) from error


def _reason(bind: str, host: str, port: int, error: OSError) -> str:
    another = port + 1 if port < _MAX_PORT else port - 1
    if error.errno == errno.EADDRINUSE:
        return (
            f"Another program uses port {port} of {host}, perhaps Surety itself or its demonstration, which already "
            f"runs. Stop it, or choose another port: with SURETY_URL=http://{host}:{another} before make, or with "
            f"--bind {host}:{another}"
        )
    return f"The web server cannot use {bind}: {error.strerror}. Choose another address with --bind."
