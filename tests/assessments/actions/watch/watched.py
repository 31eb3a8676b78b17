"""A customer with the watch switched on, and changes to its resources in Azure between assessments."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from assessments.actions.watch.run import run_watch
from assessments.actions.watch.settings import set_watch
from assessments.models import Assessment, Watch
from assessments.tasks import tick
from assessments.timing.watching import names_of_watched
from sandbox import act
from tenants.scope import tenant_scope
from tests.assessments.collect import azure
from tests.assessments.sandboxed_customer import BY, Customer, work

SUBSCRIPTION = azure.guid(1)
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{SCOPE}/resourceGroups/rg-data"
NSG = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg1"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/bsafe"
OTHER_SPELLING = ACCOUNT.upper().replace("/PROVIDERS/", "/providers/")
LOG = f"{SCOPE}/providers/Microsoft.Insights/eventtypes/management/values"


def lines(*more: Any) -> list[Any]:
    return [azure.directory(), *azure.subscription(SUBSCRIPTION), *more]


def watched(customer: Customer, given: Iterable[Any] = ()) -> Assessment:
    """Serve the estate, assess it completely, and switch the watch on."""
    customer.azure_is(given or lines())
    whole = customer.assess()
    with tenant_scope(customer.tenant.pk):
        set_watch(tenant=customer.tenant, by=BY, wanted=True)
    return whole


def acts(customer: Customer, *arguments: str) -> None:
    """Run `python -m sandbox act` on the served estate."""
    running = customer.azure.now
    options = ["--url", running.url, "--state", str(customer.azure.folder / "state")]
    assert act.main([str(estate_of(customer)), *options, *arguments]) == 0


def estate_of(customer: Customer) -> Path:
    """Return the estate file that is served."""
    return max(customer.azure.folder.glob("estate-*.jsonl"), key=lambda one: one.stat().st_mtime_ns)


def edit(customer: Customer, old: str, new: str) -> None:
    """Replace a text in the served estate, without an event in the activity log."""
    path = estate_of(customer)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    running = customer.azure.now
    assert running.http.post(f"{running.url}/_sandbox/reload").status_code == 204


def turn(customer: Customer, unit: str = SCOPE) -> int:
    """Make the next turn of the unit due, and run the periodic task and the tasks that it enqueues. Return the
    number of requests to Azure.
    """
    customer.azure.now.reset_counts()
    with tenant_scope(customer.tenant.pk):
        for one in names_of_watched(customer.tenant.pk):
            Watch.objects.get_or_create(
                tenant=customer.tenant, unit=one, defaults={"next_at": timezone.now()}
            )
        Watch.objects.exclude(unit=unit).update(next_at=timezone.now() + timedelta(days=1))
        Watch.objects.filter(unit=unit).update(next_at=timezone.now() - timedelta(seconds=1))
    tick()
    work()
    return sum(customer.azure.now.request_counts().values())


def watch_of(customer: Customer, unit: str = SCOPE) -> Watch:
    with tenant_scope(customer.tenant.pk):
        return Watch.objects.get(unit=unit)


def assessments_of(customer: Customer) -> list[tuple[str, list[str]]]:
    """Return (trigger, scope ids) of each assessment, oldest first. If an assessment judges only some units, the scope
    ids name these units. Otherwise, the list of scope ids is empty.
    """
    with tenant_scope(customer.tenant.pk):
        return list(Assessment.objects.order_by("number").values_list("trigger", "only"))


def turn_is_skipped(customer: Customer) -> bool:
    """Run the task of the watch directly. Return whether it sent no request to Azure."""
    with tenant_scope(customer.tenant.pk):
        row, _ = Watch.objects.get_or_create(
            tenant=customer.tenant, unit=SCOPE, defaults={"next_at": timezone.now()}
        )
    customer.azure.now.reset_counts()
    run_watch(tenant_id=customer.tenant.pk, watch_id=row.pk)
    return not customer.azure.now.request_counts()


def account(name: str, *, https: bool) -> azure.Line:
    return {
        "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts",
        "kind": "StorageV2",
        "location": "westeurope",
        "properties": {"supportsHttpsTrafficOnly": https},
    }


def parsed(line: str) -> Any:
    return json.loads(line)
