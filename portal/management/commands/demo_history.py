"""``manage.py demo_history``: record the past ninety days of customers of the demonstration, for ``manage.py demo``."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import time_machine
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assessments.collect.sdk import import_libraries
from portal.demo import seed_database
from portal.demo.azure import SandboxAddress
from portal.demo.history.inline_tasks import keep_tasks_here
from portal.demo.history.plans import PLANS
from portal.demo.history.record import Recorder, beginning, midnight_of
from portal.demo.state import INTERRUPTED, DemoState
from tenants.models import Tenant
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Record the history of the customers of the running demonstration. The command `manage.py demo` uses this"
        " command."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customers", nargs="+", choices=PLANS, metavar="CUSTOMER")

    def handle(self, *args: Any, **options: Any) -> None:
        parent = os.getppid()
        folder = Path(settings.SURETY_HOME) / "demo"
        keep_tasks_here()
        import_libraries()
        state = _state_at_start(folder / "demo.json", parent)
        sandbox = SandboxAddress(
            url=f"https://localhost:{state.port()}",
            ca=str(Path(settings.SURETY_HOME) / "sandbox" / "ca.pem"),
            directories=[],
        )
        now = timezone.now()
        for slug in options["customers"]:
            with organization_scope(seed_database.ensure_organization(state)):
                tenant = Tenant.objects.get(slug=slug)
            with time_machine.travel(beginning(now), tick=True) as clock:
                estate = folder / "estates" / f"{slug}.jsonl"
                Recorder(tenant, PLANS[slug], estate, sandbox, clock).record(midnight_of(now))


def _state_at_start(path: Path, parent: int) -> DemoState:
    """Wait until the command `demo` has created the tables and starts the recording. Return the demonstration's state.

    When the recording starts, `demo` sets the value of `history` to INTERRUPTED. Only the end of the recording replaces
    this value, so a later run notices if the recording did not end. Raises CommandError if the process `parent`, which
    runs `demo`, has ended.
    """
    while (state := DemoState(path)).values.get("history") != INTERRUPTED:
        if os.getppid() != parent:
            raise CommandError("The demonstration ended before it began to record the history.")
        time.sleep(0.1)
    return state
