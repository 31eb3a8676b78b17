"""Which commands need the embedded servers, and which may use the owner's connection."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.owner_db import allow_owner

# Neither database nor broker: these must work on a machine where nothing may be started.
WITHOUT_SERVERS = frozenset(
    {
        "assess_estate", "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help",
        "makemessages", "makemigrations", "sendtestemail", "services", "setup", "spectacular", "startapp",
        "verify_report", "version",
    }
)  # fmt: skip
AS_OWNER = frozenset({"migrate", "setup", "showmigrations", "sqlmigrate", "optimizemigration"})


def needs_servers(arguments: Sequence[str]) -> bool:
    """Whether ``manage.py`` called with these arguments (its own name first) uses database or broker."""
    command = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    asks_for_help = any(word in ("-h", "--help", "--version") for word in arguments[1:])
    return not asks_for_help and command not in WITHOUT_SERVERS


def ensure_servers() -> list[str]:
    """Start the embedded servers that no address replaces; the names of those that were started here."""
    from portal.settings import env

    home = env.state_directory()
    started = []
    if not env.text("DATABASE_URL") and Postgres(home).ensure():
        started.append(Postgres.name)
    if not env.text("BROKER_URL") and Valkey(home).ensure():
        started.append(Valkey.name)
    return started


@contextmanager
def prepared(arguments: Sequence[str]) -> Iterator[None]:
    """Run a command within: with the servers it needs, with the owner's connection if that is its trade."""
    command = arguments[1] if len(arguments) > 1 else "help"
    # runserver's reloader starts the program again as a child: once is enough.
    if needs_servers(arguments) and os.environ.get("RUN_MAIN") != "true":
        ensure_servers()
    if command in AS_OWNER:
        with allow_owner():
            yield
    else:
        yield
