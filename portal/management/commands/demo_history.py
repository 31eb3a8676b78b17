"""``manage.py demo_history``: record the past ninety days of customers of the demonstration, for ``manage.py demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import time_machine
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.demo import seed_database
from portal.demo.azure import SandboxAddress
from portal.demo.history.inline_tasks import keep_tasks_here
from portal.demo.history.plans import PLANS
from portal.demo.history.record import Recorder, beginning, midnight_of
from portal.demo.state import DemoState
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
        folder = Path(settings.SURETY_HOME) / "demo"
        state = DemoState(folder / "demo.json")
        sandbox = SandboxAddress(
            url=f"https://localhost:{state.port()}",
            ca=str(Path(settings.SURETY_HOME) / "sandbox" / "ca.pem"),
            directories=[],
        )
        keep_tasks_here()
        now = timezone.now()
        for slug in options["customers"]:
            with organization_scope(seed_database.ensure_organization(state)):
                tenant = Tenant.objects.get(slug=slug)
            with time_machine.travel(beginning(now), tick=True) as clock:
                estate = folder / "estates" / f"{slug}.jsonl"
                Recorder(tenant, PLANS[slug], estate, sandbox, clock).record(midnight_of(now))
