"""``manage.py worker``: run Celery worker processes and, without `--no-beat`, the scheduler of the periodic tasks.

The command starts itself again as a second process, with `--unsupervised`. The second process runs the workers, and the
first process supervises it.
"""

from __future__ import annotations

import argparse
import os
import warnings
from typing import Any

from celery.exceptions import SecurityWarning
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from kombu.exceptions import OperationalError

from portal.celery import app
from portal.workers.child_processes import manage_command
from portal.workers.health import end_with_supervisor
from portal.workers.supervisor import Supervisor


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
        parser.add_argument("--unsupervised", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["unsupervised"]:
            self._work(options)
            return
        arguments = [f"--concurrency={options['concurrency']}", f"--name={options['name']}"]
        if options["no_beat"]:
            arguments.append("--no-beat")
        Supervisor(manage_command("worker", "--unsupervised", *arguments), broker_answers).run()

    def _work(self, options: dict[str, Any]) -> None:
        arguments = [
            "--quiet",  # Celery's banner of a hundred lines would push the set-up link off the terminal.
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
        # Suppress Celery's warning about a worker that runs as root. Such a worker is dangerous if it accepts pickled
        # messages, but CELERY_ACCEPT_CONTENT permits only JSON.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        end_with_supervisor()
        app.worker_main(arguments)


def broker_answers() -> bool:
    """Return whether the broker accepts a connection within a few seconds."""
    try:
        with app.connection_for_write(connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
            return True
    except (OSError, OperationalError):
        return False
