"""An organization's own principal, and three customers that delegated a subscription to it with Azure Lighthouse.

The sandbox answers the principal's requests for all three customers, so only Surety itself keeps them apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from assessments.actions.credentials.managing_attempts import request_managing_check, run_managing_attempt
from tenants.actions.delegations import assign_delegations, undo_delegation_decision
from tenants.models import Delegation, Directory, JournalEntry, ManagingPrincipal, Organization
from tenants.roles import Role
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, Line, directory, guid, subscription
from tests.assessments.sandboxed_customer import BY, Azure, Customer, sent

NAMES = ("Alder", "Bluebird", "Cormorant")
SUBSCRIPTIONS = dict(zip(NAMES, (guid(1), guid(2), guid(3)), strict=True))
HOMES = {
    "Alder": "a0000000-0000-0000-0000-0000000000aa",
    "Bluebird": "b0000000-0000-0000-0000-0000000000bb",
    "Cormorant": "c0000000-0000-0000-0000-0000000000cc",
}
MANAGING = (DIRECTORY, CLIENT, SECRET)


@dataclass
class Msp:
    azure: Azure
    organization: Organization
    principal: ManagingPrincipal
    customers: dict[str, Customer]

    def check_now(self) -> None:
        """Request a check as an administrator does, and run it as a worker does."""
        administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, self.organization)
        with organization_scope(self.organization):
            attempt = request_managing_check(by=administrator, principal=self.principal)
        sent()
        run_managing_attempt(organization_id=self.organization.pk, attempt_id=attempt.id)

    def azure_is(self, *names: str, more: Sequence[Line] = (), **client: Any) -> None:
        """Serve an Azure that delegates the subscriptions of these customers. `more`: further lines of the estate."""
        self.azure.serve([*lines(*names, **client), *more])
        with organization_scope(self.organization):
            ManagingPrincipal.objects.update(cloud_settings=self.azure.cloud())
            Directory.objects.update(cloud_settings=self.azure.cloud())

    def row(self, name: str) -> Delegation:
        with organization_scope(self.organization):
            rows = Delegation.objects.select_related("organization", "tenant", "principal")
            return rows.get(subscription_id=SUBSCRIPTIONS[name])

    def assign(self, name: str, to: str = "") -> None:
        customer = self.customers[to or name].tenant
        with organization_scope(self.organization):
            directory = Directory.objects.select_related("tenant").get(tenant=customer)
            assign_delegations(
                by=BY, organization=self.organization, assignments={self.row(name).pk: directory}
            )

    def undo(self, name: str) -> None:
        with organization_scope(self.organization):
            undo_delegation_decision(by=BY, delegation=self.row(name))

    def requests(self) -> str:
        assert self.azure.now is not None
        return self.azure.now.http.get(f"{self.azure.now.url}/_sandbox/requests").text

    def forget_requests(self) -> None:
        """Let the sandbox forget the requests so far, such as those of `check_now` for all subscriptions."""
        assert self.azure.now is not None
        assert self.azure.now.http.post(f"{self.azure.now.url}/_sandbox/requests/reset").status_code == 204

    def tenant_actions(self, name: str) -> list[str]:
        tenant = self.customers[name].tenant
        with tenant_scope(tenant.pk):
            return list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))


def lines(*names: str, **client: Any) -> Iterator[Any]:
    yield directory(**client)
    for name in names or NAMES:
        for line in subscription(SUBSCRIPTIONS[name]):
            if line.get("subscriptionId"):
                line = {
                    **line,
                    "displayName": f"{name} production",
                    "tenantId": HOMES[name],
                    "managedByTenants": [{"tenantId": DIRECTORY}],
                }
            yield json.loads(json.dumps(line).replace("rg-data", f"rg-{name.casefold()}"))


@pytest.fixture
def msp(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Msp]:
    owner = factories.organization()
    azure = Azure(tmp_path_factory.mktemp("lighthouse"))
    azure.serve(lines())
    principal = factories.managing_principal(
        owner,
        directory_id=DIRECTORY,
        client_id=CLIENT,
        secret=SECRET,
        cloud="custom",
        cloud_settings=azure.cloud(),
    )
    customers = {}
    for name in NAMES:
        customers[name] = Customer(azure, factories.tenant(owner, name))
        factories.directory(
            customers[name].tenant,
            directory_id=HOMES[name],
            name=f"{name} directory",
            cloud="custom",
            cloud_settings=azure.cloud(),
        )
    sent()
    try:
        yield Msp(azure, owner, principal, customers)
    finally:
        azure.close()


def of_others(name: str) -> list[str]:
    others = [other for other in NAMES if other != name]
    return [
        *(SUBSCRIPTIONS[other] for other in others),
        *(HOMES[other] for other in others),
        *(other.casefold() for other in others),
    ]


def found_in(text: str, needles: list[str]) -> list[str]:
    folded = text.casefold()
    return [needle for needle in needles if needle in folded]
