"""``manage.py worker``: Celery worker processes, and the minute's tick beside them."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery.exceptions import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.celery import app


class Command(BaseCommand):
    help = "Run worker processes for assessments, reports and notifications until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--concurrency", type=int, default=os.cpu_count() or 2, help="processes (default: cores)"
        )
        parser.add_argument(
            "--no-beat", action="store_true", help="without the tick, when another worker has it"
        )
        parser.add_argument("--name", default="surety", help="tells workers on one machine apart")

    def handle(self, *args: Any, **options: Any) -> None:
        arguments = [
            "worker",
            "--pool=prefork",
            f"--concurrency={options['concurrency']}",
            f"--hostname={options['name']}@%h",
            "--loglevel=INFO",
            "--without-gossip",
            "--without-mingle",
        ]
        if not options["no_beat"]:
            schedule = settings.SURETY_HOME / f"beat-{options['name']}"
            arguments += ["--beat", f"--schedule={schedule}"]
        # As root Celery warns of pickled messages; JSON is all that is accepted here.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        app.worker_main(arguments)
