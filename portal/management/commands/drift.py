"""``manage.py drift``: open a port in a customer's emulated Azure while the demonstration runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments.models import Finding
from portal.demo import azure, drift, seed_database, seed_treatments
from portal.demo.people import CUSTOMERS, LARGE
from portal.demo.state import DemoState
from portal.management.embedded_servers import temporary_servers
from portal.treatment.states import is_covered
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

NOT_RUNNING = (
    "The demonstration is not running. Start it with `make demo`, then try again in another terminal."
)


class Command(BaseCommand):
    help = (
        "In the running demonstration, open another port in a security group for which an exception was approved."
        " The watch finds the change within minutes, and the exception goes back to its approver."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.SURETY_HOME) / "demo"
        state = DemoState(folder / "demo.json")
        if "organization" not in state.values:
            raise CommandError(NOT_RUNNING)
        sandbox = azure.SandboxAddress(
            url=f"https://localhost:{state.port()}",
            ca=str(Path(settings.SURETY_HOME) / "sandbox" / "ca.pem"),
            directories=[],
        )
        name = next(customer.name for customer in CUSTOMERS if customer.slug == LARGE)
        finding, is_excepted = self._choose_finding(state)
        if finding is None:
            raise CommandError(
                f"{name} has no finding about an open port. Start an assessment of {name} first."
            )
        try:
            opened = drift.open_another_port(sandbox, folder / "estates" / f"{LARGE}.jsonl", finding.subject)
        except azure.SandboxError as error:
            raise CommandError(f"{NOT_RUNNING} ({error})") from error
        person, user = drift.ACTOR
        self.stdout.write(
            f"{person} ({user}) added the rule {opened.rule} to the network security group {finding.subject_name} of"
            f" {name}.\nProperty: {opened.property}. Operation: {opened.operation}.\n"
            f"The watch finds the change within {drift.FOUND_MINUTES} minutes: "
            + (
                "the finding is open again and its exception is returned for review."
                if is_excepted
                else "the finding's observed value changes. To see how an exception returns for review, approve one for"
                " an open port and run this command again."
            )
            + f" Then the history of {finding.subject_name} in Inventory shows which property {person} changed. In the"
            f" settings of {name}, the page Watch shows what the watch has read."
        )

    def _choose_finding(self, state: DemoState) -> tuple[Finding | None, bool]:
        """Return a finding about an open port, and whether an exception covers it. Prefer a covered finding."""
        with temporary_servers():
            with organization_scope(seed_database.ensure_organization(state)):
                tenant = Tenant.objects.get(slug=LARGE)
            with tenant_scope(tenant.pk):
                failing = Finding.objects.filter(
                    tenant=tenant, control__in=seed_treatments.OPEN_PORTS, outcome="fail"
                )
                excepted = failing.filter(is_covered(timezone.now())).order_by("id").first()
                return excepted or failing.order_by("control", "id").first(), excepted is not None
