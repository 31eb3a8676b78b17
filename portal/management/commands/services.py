"""``manage.py services start|stop|status|remove``: control the embedded PostgreSQL and Valkey."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded import EmbeddedServerError, Postgres, ServerFiles, Valkey
from portal.settings import env
from portal.settings.database import EMBEDDED_POSTGRES, EMBEDDED_VALKEY


class Command(BaseCommand):
    help = (
        "Start or stop the embedded PostgreSQL and Valkey of this SURETY_HOME, show their status, "
        "or remove them with all their data."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("start", "stop", "status", "remove"))

    def handle(self, *args: Any, **options: Any) -> None:
        home = env.state_directory()
        servers: list[tuple[Postgres | Valkey, bool, str]] = [
            (Postgres(home), EMBEDDED_POSTGRES, "DATABASE_URL"),
            (Valkey(home), EMBEDDED_VALKEY, "BROKER_URL"),
        ]
        any_stopped = False
        for server, embedded, variable in servers:
            if not embedded:
                self.stdout.write(f"{server.name}: not embedded, because {variable} is set")
                continue
            started_at = time.perf_counter()
            try:
                result = self._run_action(server, options["action"])
            except EmbeddedServerError as error:
                raise CommandError(str(error)) from error
            any_stopped |= result == "not running"
            self.stdout.write(f"{server.name}: {result} ({time.perf_counter() - started_at:.2f} s)")
        if options["action"] == "remove":
            ServerFiles(home).remove()
            self.stdout.write("Removed the servers' data, sockets and logs.")
        if options["action"] == "status" and any_stopped:
            raise SystemExit(3)  # exit status for "program is not running" in the Linux Standard Base

    def _run_action(self, server: Postgres | Valkey, action: str) -> str:
        if action == "start":
            result = "started" if server.ensure() else "already running"
            return f"{result}, pid {server.pid()}, data {server.data}"
        if action in ("stop", "remove"):
            return "stopped" if server.stop() else "already stopped"
        pid = server.pid()
        return f"running, pid {pid}, data {server.data}, log {server.log}" if pid else "not running"
