"""``manage.py serve``: run the web server and the workers in one terminal until Ctrl-C."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from portal.accounts.actions.first_start import LINK_MINUTES, create_link, has_organization
from portal.embedded.errors import EmbeddedServerError
from portal.management.addresses import remark_about_proxy, require_free_address, site
from portal.management.embedded_servers import (
    only_user_of_servers,
    restart_crashed_servers,
    temporary_servers,
)
from portal.settings.env import BASE_DIR
from portal.settings.security import DEFAULT_URL
from portal.workers.child_processes import Terminated, child_processes, manage_command

# If a restart of a crashed embedded server fails, the restart is tried again after this time.
RETRY_SECONDS: Final = 30


class Command(BaseCommand):
    help = "Set up the installation, then run the web server and the workers until Ctrl-C."

    _next_restart = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        address = urlsplit(settings.SURETY_URL)
        parser.add_argument(
            "--bind", default=f"127.0.0.1:{address.port or 8000}", help="ADDRESS:PORT, or unix:PATH"
        )
        parser.add_argument("--concurrency", type=int, default=2, help="worker processes (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        require_free_address(options["bind"])
        with only_user_of_servers(), temporary_servers():
            call_command("setup", verbosity=0)
            try:
                with child_processes() as processes:
                    # Skip Django's system checks in the process that supervises the worker, because the checks import
                    # the modules of all pages. This command has already run the checks, and the worker runs them again.
                    workers = manage_command(
                        "worker", "--skip-checks", f"--concurrency={options['concurrency']}"
                    )
                    processes.start("workers", workers)
                    processes.start("web server", web_server(options["bind"]))
                    self.stdout.write(f"Surety is running at http://{options['bind']}. Press Ctrl-C to stop.")
                    if remark := remark_about_proxy(options["bind"]):
                        self.stdout.write(remark)
                    self._print_mail_folder()
                    self._print_setup_link(options["bind"])
                    name, status = processes.wait(self._restart_servers)
                    raise CommandError(
                        f"The {name} exited with status {status}. Its last messages are above."
                    )
            except (KeyboardInterrupt, Terminated):
                self.stdout.write("Stopped.")

    def _restart_servers(self) -> None:
        if time.monotonic() < self._next_restart:
            return
        try:
            for name in restart_crashed_servers():
                self.stderr.write(
                    f"The embedded {name} server ended unexpectedly. Surety has started it again."
                )
        except (EmbeddedServerError, OSError, psycopg.Error) as error:
            self._next_restart = time.monotonic() + RETRY_SECONDS
            self.stderr.write(f"{error} Surety tries again in {RETRY_SECONDS} seconds.")

    def _print_mail_folder(self) -> None:
        """If there is no mail server, print the folder to which mail is written, because invitation links are only in
        mails.
        """
        folder = settings.MAILERS["default"]["OPTIONS"].get("file_path")
        if folder is not None:
            self.stdout.write(
                "No mail server is set (SURETY_SMTP_HOST), so mail such as invitations is written to files in"
                f" {folder}."
            )

    def _print_setup_link(self, bind: str) -> None:
        """Print the link that registers the first organization, if there is no organization yet."""
        if has_organization():
            return
        link = reverse("first-start", args=[create_link()])
        self.stdout.write(
            "\nThere is no organization yet. Open this link to register your organization and create your account:\n\n"
            f"    {site(bind)}{link}\n\n"
            f"The link works only once, and expires after {LINK_MINUTES} minutes. To get a new link, run:\n\n"
            f"    {_setup_link_command(site(bind))}\n"
        )


def _setup_link_command(url: str) -> str:
    """Return the shell command that prints another set-up link. The command contains the environment variables that it
    needs, because another terminal may not have the same variables as the terminal in which Surety runs.
    """
    values = {"SURETY_HOME": str(settings.SURETY_HOME), "SURETY_URL": url}
    defaults = {"SURETY_HOME": str(BASE_DIR / ".surety"), "SURETY_URL": DEFAULT_URL}
    python = Path(sys.executable)
    words = [f"{name}={shlex.quote(value)}" for name, value in values.items() if value != defaults[name]]
    words.append(
        shlex.quote(str(python.relative_to(BASE_DIR) if python.is_relative_to(BASE_DIR) else python))
    )
    return " ".join([*words, "manage.py setup_link"])


def web_server(bind: str) -> list[str]:
    """Return gunicorn's command line."""
    configuration = "python:portal.http.gunicorn_conf"
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        configuration,
        "portal.wsgi:application",
        f"--bind={bind}",
    ]
