"""``manage.py worker``: run Celery worker processes and, unless --no-beat is given, the scheduler's tick."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery.exceptions import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.celery import app


class Command(BaseCommand):
    help = "Run worker processes for assessments, reports and notifications until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--concurrency",
            type=int,
            default=os.cpu_count() or 2,
            help="number of worker processes (default: number of cores)",
        )
        parser.add_argument(
            "--no-beat",
            action="store_true",
            help="do not run the tick that starts scheduled work; another worker runs it",
        )
        parser.add_argument("--name", default="surety", help="unique name of this worker on its machine")

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
        # Celery warns root about pickled messages, but CELERY_ACCEPT_CONTENT accepts JSON only.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        app.worker_main(arguments)
