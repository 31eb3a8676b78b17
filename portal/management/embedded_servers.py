"""Start the embedded servers for management commands that need them, and let some commands connect as the owner of the
database.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.files.private_files import close_new_files
from portal.owner_db import allow_owner

# Commands for which `prepare_command` starts no servers. `demo`, `drift`, `serve`, `services` and `setup` start the
# servers themselves. `verify_report` reads the database only if the database's server already runs. The others need
# neither database nor broker.
COMMANDS_WITHOUT_SERVERS = frozenset(
    "assess_estate check collectstatic compilemessages demo diffsettings drift findstatic help makemessages "
    "makemigrations reperform_report sendtestemail serve services setup spectacular verify_report version".split()
)
# Commands that write files of the source tree. Other users of the machine may read these files. All other commands
# create files that only their own user can read.
COMMANDS_THAT_WRITE_SOURCES = frozenset(
    "compilemessages generate_api_contract generate_configuration_schema generate_control_docs generate_coverage_docs "
    "generate_data_protection_docs generate_offline_verifier generate_report_schemas generate_request_docs "
    "generate_role_docs generate_webhook_docs makemessages makemigrations optimizemigration spectacular "
    "squashmigrations startapp".split()
)
# For these commands, exit status 1 is a result: invalid, different or not intact. Python also exits with 1 after any
# error, so these commands need another status for unexpected errors.
COMMANDS_WITH_RESULTS = frozenset({"reperform_report", "verify_journal", "verify_report"})
# The status with which these commands exit after an unexpected error (EX_SOFTWARE of sysexits.h).
UNEXPECTED = 70
OWNER_COMMANDS = frozenset({"migrate", "setup", "showmigrations", "sqlmigrate", "optimizemigration"})


def needs_servers(arguments: Sequence[str]) -> bool:
    """Return whether the command line (``sys.argv``, with the program first) needs the database or the broker."""
    command = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    asks_for_help = any(word in ("-h", "--help", "--version") for word in arguments[1:])
    return not asks_for_help and command not in COMMANDS_WITHOUT_SERVERS


def failure_status(arguments: Sequence[str]) -> int:
    """Return the exit status of the command line (``sys.argv``) after an error that the command does not expect."""
    return UNEXPECTED if COMMANDS_WITH_RESULTS.intersection(arguments[1:2]) else 1


def unreachable_database(error: BaseException) -> str:
    """Return a message to the operator if a command failed because it could not reach the database, otherwise an empty
    text.
    """
    from portal.http.database_limits import is_unreachable
    from portal.settings import env

    if not is_unreachable(error):
        return ""
    check = (
        "Check DATABASE_URL, and check that the server is running."
        if env.text("DATABASE_URL")
        else "The embedded server is not running. Start it with manage.py services start."
    )
    return f"Could not reach the database. {check} {error}"


def ensure_servers() -> list[str]:
    """Start the embedded PostgreSQL unless DATABASE_URL is set, and the embedded Valkey unless BROKER_URL is set.

    Returns the names of the servers that this call started. A server that already runs is not started.
    """
    from portal.settings import env  # imported here, because this import loads the settings

    home = env.state_directory()
    started = []
    if not env.text("DATABASE_URL") and Postgres(home).ensure():
        started.append(Postgres.name)
    if not env.text("BROKER_URL") and Valkey(home).ensure():
        started.append(Valkey.name)
    return started


def restart_crashed_servers() -> list[str]:
    """Restart the embedded servers that have crashed. Returns their names.

    Raises EmbeddedServerError if one does not start.
    """
    from portal.settings import env

    home = env.state_directory()
    found: list[Postgres | Valkey] = []
    if not env.text("DATABASE_URL"):
        found.append(Postgres(home))
    if not env.text("BROKER_URL"):
        found.append(Valkey(home))
    return [server.name for server in found if server.has_crashed() and server.ensure()]


@contextmanager
def only_user_of_servers() -> Iterator[None]:
    """Hold the lock of the state directory. If DATABASE_URL and BROKER_URL replace both embedded servers, take no lock.

    Raises CommandError if another process holds the lock. Without the lock, two commands, such as `serve` and `demo`,
    could use the same servers. The command that ends first would then stop servers that the other command still needs.
    """
    from django.core.management.base import CommandError

    from portal.embedded.server_files import ensure_home
    from portal.settings import env

    if env.text("DATABASE_URL") and env.text("BROKER_URL"):
        yield
        return
    home = env.state_directory()
    ensure_home(home)
    with (home / "running.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Surety or its demonstration is already running with the state directory {home}. Use the"
                " running installation, stop it with Ctrl-C in its terminal, or choose another state directory with"
                " SURETY_HOME."
            ) from None
        yield


@contextmanager
def temporary_servers() -> Iterator[None]:
    """Run the block with the embedded servers. At the end of the block, stop the servers that were started for it.

    If a server does not stop, raise EmbeddedServerError. But if the block itself has raised an exception, only report
    the server on the error output, so that the exception of the block is not lost.
    """
    from portal.settings import env

    home = env.state_directory()
    started = ensure_servers()
    try:
        yield
    finally:
        failure = sys.exception()
        for server in (Valkey(home), Postgres(home)):
            if server.name in started:
                try:
                    server.stop()
                except EmbeddedServerError as error:
                    if failure is None:
                        raise
                    sys.stderr.write(f"{error}\n")


@contextmanager
def prepare_command(arguments: Sequence[str]) -> Iterator[None]:
    """Run the block with the servers that the command needs. A command of `OWNER_COMMANDS` may connect as the owner
    of the database.
    """
    command = arguments[1] if len(arguments) > 1 else "help"
    if command not in COMMANDS_THAT_WRITE_SOURCES:
        close_new_files()
    # runserver's reloader runs the program again in a child process (RUN_MAIN). The parent has already started the
    # servers.
    if needs_servers(arguments) and os.environ.get("RUN_MAIN") != "true":
        ensure_servers()
    if command in OWNER_COMMANDS:
        with allow_owner():
            yield
    else:
        yield
