"""Create a link that signs an administrator in once, when single sign-on or second factors fail."""

from __future__ import annotations

import smtplib
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from kombu.exceptions import OperationalError

from portal import links
from portal.accounts.actions.emergency import create_access
from portal.accounts.emergency.alarm_webhook import post_alarm
from portal.accounts.emergency.alarms import ALARM_CREATED, POST_CREATED, send_alarm
from portal.accounts.models import EmergencyAccess
from portal.notify.outbound import PostFailed
from tenants.actors import System
from tenants.dispatch import enqueue
from tenants.errors import SuretyError
from tenants.models import Person

OPERATOR = System("operator")


class Command(BaseCommand):
    help = (
        "Print a link with which an administrator of an organization can sign in once, without single sign-on and "
        "second factor. The session ends after 30 minutes. All administrators get a mail, and the journal records the "
        "emergency access."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="email address of an active administrator of an organization")
        parser.add_argument(
            "--reason", required=True, help="reason in one sentence, which all administrators receive"
        )
        parser.add_argument(
            "--minutes", type=int, default=15, help="minutes until the link expires, at most 60 (default: 15)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError(
                f"There is no account with the email address {options['email']}. Check the spelling."
            )
        try:
            access, token = create_access(
                by=OPERATOR, person=person, reason=options["reason"], minutes=options["minutes"]
            )
        except SuretyError as error:
            raise CommandError(error.message) from error
        self.stdout.write(links.absolute(reverse("emergency", args=[token])))
        self.stderr.write(f"The link works once, until {access.expires_at:%Y-%m-%d %H:%M} UTC.")
        try:
            for task in (ALARM_CREATED, POST_CREATED):
                enqueue(task, access.pk)
        except OperationalError:
            self._tell_without_workers(access)

    def _tell_without_workers(self, access: EmergencyAccess) -> None:
        """Send the alarms in this process, because emergency access must also work when the broker is down."""
        self.stderr.write(
            "The broker cannot be reached, so no worker can send the alarms. This command sends them itself."
        )
        for tell in (send_alarm, post_alarm):
            try:
                tell(access, used=False)
            except (OSError, smtplib.SMTPException, PostFailed) as error:
                self.stderr.write(f"{error} Inform the administrators yourself.")
