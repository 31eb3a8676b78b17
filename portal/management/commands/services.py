"""``manage.py services start|stop|status|remove``: the embedded servers."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded import EmbeddedServerError, Postgres, ServerFiles, Valkey
from portal.settings import env
from portal.settings.database import EMBEDDED_POSTGRES, EMBEDDED_VALKEY


class Command(BaseCommand):
    help = "Start, stop, show, or stop and remove with all data, the embedded servers of this SURETY_HOME."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("start", "stop", "status", "remove"))

    def handle(self, *args: Any, **options: Any) -> None:
        home = env.state_directory()
        servers: list[tuple[Postgres | Valkey, bool, str]] = [
            (Postgres(home), EMBEDDED_POSTGRES, "DATABASE_URL"),
            (Valkey(home), EMBEDDED_VALKEY, "BROKER_URL"),
        ]
        stopped = False
        for server, embedded, variable in servers:
            if not embedded:
                self.stdout.write(f"{server.name}: {variable} names a server of its own")
                continue
            begun = time.perf_counter()
            try:
                text = self._act(server, options["action"])
            except EmbeddedServerError as error:
                raise CommandError(str(error)) from error
            stopped |= text == "not running"
            self.stdout.write(f"{server.name}: {text} ({time.perf_counter() - begun:.2f} s)")
        if options["action"] == "remove":
            ServerFiles(home).remove()
            self.stdout.write("Their data, sockets and logs are removed.")
        if options["action"] == "status" and stopped:
            raise SystemExit(3)  # as the LSB asks of a status command: the program is not running

    def _act(self, server: Postgres | Valkey, action: str) -> str:
        if action == "start":
            return (
                f"{'started' if server.ensure() else 'was running'}, pid {server.pid()}, data {server.data}"
            )
        if action in ("stop", "remove"):
            return "stopped" if server.stop() else "was not running"
        pid = server.pid()
        return f"running, pid {pid}, data {server.data}, log {server.log}" if pid else "not running"
