"""Which commands need the embedded servers, and which may use the owner's connection."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.owner_db import allow_owner

# Neither database nor broker: these must work on a machine where nothing may be started. Or, as `demo` and
# `serve`, with servers of their own making, which they stop again (`temporary_servers`).
WITHOUT_SERVERS = frozenset(
    {
        "assess_estate", "check", "collectstatic", "compilemessages", "demo", "diffsettings", "drift",
        "findstatic", "help", "makemessages", "makemigrations", "sendtestemail", "serve", "services", "setup",
        "spectacular", "verify_report", "version",
    }
)  # fmt: skip
OWNER_COMMANDS = frozenset({"migrate", "setup", "showmigrations", "sqlmigrate", "optimizemigration"})


def needs_servers(arguments: Sequence[str]) -> bool:
    """Whether ``manage.py`` called with these arguments (its own name first) uses database or broker."""
    command = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    asks_for_help = any(word in ("-h", "--help", "--version") for word in arguments[1:])
    return not asks_for_help and command not in WITHOUT_SERVERS


def ensure_servers() -> list[str]:
    """Start the embedded servers that no address replaces; the names of those that were started here."""
    from portal.settings import env  # not before it is known that servers are needed

    home = env.state_directory()
    started = []
    if not env.text("DATABASE_URL") and Postgres(home).ensure():
        started.append(Postgres.name)
    if not env.text("BROKER_URL") and Valkey(home).ensure():
        started.append(Valkey.name)
    return started


@contextmanager
def temporary_servers() -> Iterator[None]:
    """Run within with the embedded servers; those that were started for it are stopped at the end."""
    from portal.settings import env

    home = env.state_directory()
    started = ensure_servers()
    try:
        yield
    finally:
        for server in (Valkey(home), Postgres(home)):
            if server.name in started:
                server.stop()


@contextmanager
def prepare_command(arguments: Sequence[str]) -> Iterator[None]:
    """Run a command within: with the servers it needs, with the owner's connection if that is its trade."""
    command = arguments[1] if len(arguments) > 1 else "help"
    # runserver's reloader starts the program again as a child: once is enough.
    if needs_servers(arguments) and os.environ.get("RUN_MAIN") != "true":
        ensure_servers()
    if command in OWNER_COMMANDS:
        with allow_owner():
            yield
    else:
        yield
