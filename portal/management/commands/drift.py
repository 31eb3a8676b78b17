"""``manage.py drift``: a change in the Azure of the demonstration's customer, while the demonstration runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments.models import Finding
from portal.demo import azure, drift, seed_database, seed_treatments
from portal.demo.people import CUSTOMERS, LARGE
from portal.demo.state import DemoState
from portal.embedded.command_line import temporary_servers
from portal.treatment.states import covered
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

NOT_RUNNING = (
    "The demonstration does not run here. Start it with `make demo`, then try again in another terminal."
)


class Command(BaseCommand):
    help = "Change something that is approved in the running demonstration, so that an assessment finds it."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.SURETY_HOME) / "demo"
        state = DemoState(folder / "demo.json")
        if "organization" not in state.values:
            raise CommandError(NOT_RUNNING)
        served = azure.Served(
            url=f"https://localhost:{state.port()}",
            ca=str(Path(settings.SURETY_HOME) / "sandbox" / "ca.pem"),
            directories=[],
        )
        try:
            drift.reload(served)  # before anything is changed: is it there at all?
        except requests.ConnectionError as error:
            raise CommandError(NOT_RUNNING) from error
        name = next(customer.name for customer in CUSTOMERS if customer.slug == LARGE)
        chosen, approved = self._chosen(state)
        if chosen is None:
            raise CommandError(
                f"{name} has no open port that could become another: start an assessment first."
            )
        rule = drift.open_another_port(folder / "estates" / f"{LARGE}.jsonl", chosen.subject)
        drift.reload(served)
        self.stdout.write(
            f"{chosen.subject_name} has one more rule, {rule}. Start an assessment of {name}: "
            + (
                "what was approved of it is open again."
                if approved
                else "it fails in another way. Nothing was approved of it; approve an exception for an open port first."
            )
        )

    def _chosen(self, state: DemoState) -> tuple[Finding | None, bool]:
        """An open port that an exception covers, and whether one does; any open port where none is covered."""
        with temporary_servers():
            with organization_scope(seed_database.ensure_organization(state)):
                tenant = Tenant.objects.get(slug=LARGE)
            with tenant_scope(tenant.pk):
                failing = Finding.objects.filter(
                    tenant=tenant, control__in=seed_treatments.OPEN_PORTS, outcome="fail"
                )
                approved = failing.filter(covered(timezone.now())).order_by("id").first()
                return approved or failing.order_by("control", "id").first(), approved is not None
