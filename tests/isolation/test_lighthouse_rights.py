"""The rights of an organization's principals on a delegated subscription, and which of the principals reads it.

If only resource groups are delegated, Azure Resource Manager answers 200 with lists that contain only the readable
resources. Surety must not judge from such lists. The sandbox returns complete lists even then, so if Surety trusted
them, findings would be pass or fail instead of unknown.
"""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from assessments.models import Unit
from assessments.permissions.unknown_remedies import needed_for
from tenants.actions.delegations import sync_delegations
from tenants.actions.managing_principals import remove_managing_principal, set_managing_principal_enabled
from tenants.azure.credentials import DiscoveredSubscription
from tenants.azure.delegated_access import NotDelegated, credential_for, refusal_for
from tenants.models import Delegation, Directory, ManagingPrincipal, OrganizationJournalEntry
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.collect.azure import DIRECTORY, SECRET, Line, answer, directory
from tests.assessments.sandboxed_customer import BY
from tests.isolation.lighthouse import SUBSCRIPTIONS, Msp
from tests.signed_in import signed_in_client

ALDER = SUBSCRIPTIONS["Alder"]
PERMISSIONS = f"/subscriptions/{ALDER}/providers/Microsoft.Authorization/permissions"
SECOND = "c0000000-0000-0000-0000-00000000002c"


def roles(*actions: str, without: tuple[str, ...] = ()) -> Line:
    role = {"actions": list(actions), "notActions": list(without)}
    return answer(PERMISSIONS, 200, {"value": [role] if actions else []})


def assessed(msp: Msp, *more: Line) -> Unit:
    """Assess Alder with an Azure that also gives the answers `more`. Return the subscription's unit."""
    msp.azure_is(more=more)
    msp.check_now()
    msp.assign("Alder")
    customer = msp.customers["Alder"]
    return customer.units(customer.assess())[f"/subscriptions/{ALDER}"]


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(
    "refusal",
    [roles(), answer(PERMISSIONS, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}})],
    ids=["no role", "forbidden"],
)
def test_delegated_resource_groups_alone_give_no_verdict(msp: Msp, refusal: Line) -> None:
    unit = assessed(msp, refusal)
    assert (unit.state, unit.error_code) == ("failed", "partly_delegated")
    assert "delegate the role Reader on the subscription" in unit.error
    found = msp.customers["Alder"].findings(unit=unit.scope_id).values()
    assert {row.outcome for row in found} == {"unknown", "manual"}
    undecided = [row for row in found if row.outcome == "unknown"]
    assert len(undecided) > 30
    assert {row.unknown_because for row in undecided} == {"partly_delegated"}
    assert [row.reason for row in undecided if "not only on resource groups" not in row.reason] == []
    needed = needed_for("monitoring-alert-nsg-update", "partly_delegated", unit.gaps)
    assert needed is not None
    assert "delegate the role Reader on the whole subscription" in needed.sentence
    paths = {line for line in msp.requests().splitlines() if ALDER in line}
    assert not [path for path in paths if "storageAccounts" in path]


def test_pages_warn_before_a_part_of_a_subscription_is_assigned(msp: Msp) -> None:
    msp.azure_is(more=[roles()])
    msp.check_now()
    assert msp.row("Alder").has_role is False
    assert msp.row("Bluebird").has_role is True
    client = signed_in_client(factories.member(Role.ORGANIZATION_ADMINISTRATOR, msp.organization))
    warning = "Only resource groups were delegated at the last check"
    address = reverse("lighthouse", args=[msp.organization.slug])
    before = client.get(address).content.decode()
    assert before.count(warning) == 1
    for name in ("Alder", "Bluebird"):
        msp.assign(name)
    after = client.get(address).content.decode()
    assert after.count(warning) == after.count("Partly delegated") == 1
    listed = io.StringIO()
    call_command("lighthouse", stdout=listed)
    mine = [line for line in listed.getvalue().splitlines() if line.startswith(f"{msp.organization.slug} ")]
    assert [ALDER in line for line in mine if "only resource groups are delegated" in line] == [True]
    msp.azure_is()
    msp.check_now()
    assert msp.row("Alder").has_role is True
    assert warning not in client.get(address).content.decode()


@pytest.mark.slow(seconds=1)
def test_narrow_role_gives_verdicts_only_about_what_it_reads(msp: Msp) -> None:
    """The principal has a role on the whole subscription, but the role permits less than Reader."""
    unit = assessed(msp, roles("Microsoft.Storage/*", "*/read", without=("Microsoft.Network/*",)))
    assert (unit.state, unit.error) == ("done", "")
    customer = msp.customers["Alder"]
    found = customer.outcomes(unit=unit.scope_id)
    assert found["storage-secure-transfer", "aplain"] == "fail"
    assert found["storage-secure-transfer", "bsafe"] == "pass"
    # `network-bastion` is not unknown, although the role excludes networks: the principal may read virtual machines,
    # and no machine needs a Bastion host.
    network = {
        outcome
        for (control, _), outcome in found.items()
        if control.startswith("network-") and control != "network-bastion"
    }
    assert network == {"unknown"}
    because = {row.unknown_because for row in customer.findings(control="network-ssh-from-internet").values()}
    assert because == {"partly_delegated"}


@pytest.mark.slow(seconds=1)
def test_roles_of_the_customers_principals_are_unknown(msp: Msp) -> None:
    """Azure shows the role assignments of the customer's principals only to principals of the customer's directory."""
    site = f"/subscriptions/{ALDER}/resourceGroups/rg-alder/providers/Microsoft.Web/sites/shop"
    identity = {"type": "SystemAssigned", "principalId": "e0000000-0000-0000-0000-0000000000ee"}
    app = {
        "id": site, "name": "shop", "type": "Microsoft.Web/sites", "location": "westeurope", "kind": "app",
        "identity": identity, "properties": {"state": "Running", "enabled": True},
    }  # fmt: skip
    role = f"/subscriptions/{ALDER}/providers/Microsoft.Authorization/roleDefinitions/{SECOND}"
    permission = {"actions": ["Microsoft.Authorization/locks/*"], "notActions": [], "dataActions": []}
    locks = {
        "id": role, "name": SECOND, "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": "Locks", "type": "CustomRole", "permissions": [permission],
            "assignableScopes": [f"/subscriptions/{ALDER}"],
        },
    }  # fmt: skip
    unit = assessed(msp, app, locks)
    customer = msp.customers["Alder"]
    for control in ("webapp-identity-not-admin", "identity-lock-role"):
        found = customer.findings(unit=unit.scope_id, control=control).values()
        assert {(row.outcome, row.unknown_because) for row in found} == {("unknown", "not_delegated")}, (
            control
        )
        assert [
            row for row in found if "does not show the roles of the customer’s people" not in row.reason
        ] == []
    assert "roleAssignments" not in "\n".join(line for line in msp.requests().splitlines() if ALDER in line)


@pytest.mark.slow(seconds=1)
def test_unread_rights_give_no_verdict(msp: Msp) -> None:
    unit = assessed(msp, answer(PERMISSIONS, 501, {"error": {"code": "ServerError", "message": "No."}}))
    found = msp.customers["Alder"].findings(unit=unit.scope_id)
    assert {row.unknown_because for row in found.values() if row.outcome != "manual"} == {"server_error"}
    assert {row.outcome for row in found.values()} == {"unknown", "manual"}


def second_principal(msp: Msp) -> ManagingPrincipal:
    """Add a second principal of the organization, which sees all subscriptions."""
    return factories.managing_principal(
        msp.organization,
        directory_id=DIRECTORY,
        client_id=SECOND,
        secret=SECRET,
        cloud="custom",
        cloud_settings=msp.azure.cloud(),
    )


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("how", ["disabled", "removed", "refused", "blind"])
def test_another_principal_that_sees_the_subscription_reads_it(msp: Msp, how: str) -> None:
    both = [directory(clientId=SECOND)]
    msp.azure_is(more=both)
    msp.check_now()
    msp.assign("Alder")
    second = second_principal(msp)
    customer = msp.customers["Alder"]
    customer.assess()
    assert msp.row("Alder").principal == msp.principal
    with organization_scope(msp.organization):
        if how == "disabled":
            set_managing_principal_enabled(by=BY, principal=msp.principal, enabled=False)
        elif how == "removed":
            remove_managing_principal(by=BY, principal=msp.principal)
    if how == "refused":
        msp.azure_is(more=both, secret="another~secret")
    elif how == "blind":
        msp.azure_is(more=both, subscriptions=[SUBSCRIPTIONS["Bluebird"]])
    unit = customer.units(customer.assess())[f"/subscriptions/{ALDER}"]
    assert (unit.state, unit.error) == ("done", "")
    assert "pass" in customer.outcomes(unit=unit.scope_id).values()
    assert msp.row("Alder").principal == second
    if how == "blind":
        with organization_scope(msp.organization):
            changed = OrganizationJournalEntry.objects.filter(action="delegations.changed")
            assert not [entry for entry in changed if ALDER in entry.details.get("vanished", [])]


@pytest.mark.parametrize("how", ["disabled", "removed"])
def test_a_disabled_or_removed_credential_is_not_used_although_another_principal_reads(
    msp: Msp, how: str
) -> None:
    """A unit has begun with the first principal. Then the delegation passes to the second principal."""
    msp.azure_is(more=[directory(clientId=SECOND)])
    msp.check_now()
    msp.assign("Alder")
    tenant = msp.customers["Alder"].tenant
    used = credential_for(tenant.pk, ALDER).delegated
    assert used is not None
    assert refusal_for(tenant.pk, used) is None
    second = second_principal(msp)
    with organization_scope(msp.organization):
        if how == "disabled":
            set_managing_principal_enabled(by=BY, principal=msp.principal, enabled=False)
        else:
            remove_managing_principal(by=BY, principal=msp.principal)
    with organization_scope(msp.organization):
        Delegation.objects.filter(subscription_id=ALDER).update(principal=second)
    refused = refusal_for(tenant.pk, used)
    assert refused is not None
    assert refused.code == "service_principal_removed"
    again = credential_for(tenant.pk, ALDER).delegated
    assert again is not None
    assert refusal_for(tenant.pk, again) is None


def test_an_error_that_may_pass_does_not_change_the_principal(msp: Msp) -> None:
    msp.azure_is(more=[directory(clientId=SECOND)])
    msp.check_now()
    msp.assign("Alder")
    second = second_principal(msp)
    for refused, reader in ((False, msp.principal), (True, second)):
        with organization_scope(msp.organization):
            ManagingPrincipal.objects.filter(pk=msp.principal.pk).update(
                last_error_code="no_answer", refused_since=timezone.now() if refused else None
            )
            Delegation.objects.filter(subscription_id=ALDER).update(has_role=True)
            row = Delegation.objects.get(subscription_id=ALDER)
            line = DiscoveredSubscription(
                ALDER, row.display_name, row.state, home_directory_id=row.home_directory_id
            )
            sync_delegations(by=BY, principal=second, discovered=[line])
        found = msp.row("Alder")
        assert found.principal == reader
        # `has_role` is about the first principal. It becomes unknown if the second principal reads instead.
        assert found.has_role is (None if refused else True)


def test_principal_of_another_cloud_reads_nothing(msp: Msp) -> None:
    msp.azure_is(more=[directory(clientId=SECOND)])
    msp.check_now()
    msp.assign("Alder")
    with organization_scope(msp.organization):
        Directory.objects.update(cloud_name="AzureChinaCloud", cloud_settings={})
    with pytest.raises(NotDelegated, match="another cloud"):
        credential_for(msp.customers["Alder"].tenant.pk, ALDER)
