"""Names are stored only for ids in findings, in their evidence and in logged events. Names are never part of findings,
and can be removed and erased.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from assessments.actions.names import _delete_unreferenced, refresh_names
from assessments.display.names import Kind, Status
from assessments.models import EvidenceItem, Finding, ObjectName
from tenants.actions import set_principal_enabled
from tenants.models import JournalEntry
from tenants.scope import tenant_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.assessments.collect.activity.activity_events import OBJECT, event
from tests.assessments.collect.azure import Line, directory, guid, subscription
from tests.assessments.sandboxed_customer import BY, Azure, Customer, work

pytestmark = pytest.mark.slow(seconds=15)

ANNA, BORIS, GROUP, ROLE, BYSTANDER = (guid(number) for number in (11, 12, 13, 14, 15))
DEPLOY, SCALER, OTHER_APP = (guid(number) for number in (31, 32, 33))


def user(identifier: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "displayName": name,
        "userPrincipalName": f"{name.split(maxsplit=1)[0].lower()}@contoso.com",
        "userType": "Member",
        "accountEnabled": True,
        **more,
    }


def estate(
    *, anna: str = "Anna Berg", holders: tuple[str, ...] = (ANNA,), without: str = "", **client: Any
) -> list[Line]:
    everybody = [user(ANNA, anna), user(BORIS, "Boris Lang"), user(BYSTANDER, "Carla Stein")]
    people = [person for person in everybody if person["id"] != without]
    return [
        directory(**client),
        *subscription(guid(1)),
        {"graph": "users", "value": people},
        {"graph": "policies/identitySecurityDefaultsEnforcementPolicy", "value": {"isEnabled": False}},
        {
            "graph": "domains",
            "value": [{"id": "contoso.com", "authenticationType": "Managed", "isVerified": True}],
        },
        {
            "graph": "reports/authenticationMethods/userRegistrationDetails",
            "value": [
                {"id": person["id"], "isMfaCapable": person["id"] == BYSTANDER, "methodsRegistered": []}
                for person in people
            ],
        },
        {
            "graph": "roleManagement/directory/roleAssignments",
            "value": [
                {
                    "id": f"a-{holder}",
                    "principalId": holder,
                    "principal": {"id": holder, "@odata.type": "#microsoft.graph.user"},
                    "roleDefinitionId": ROLE,
                    "directoryScopeId": "/",
                }
                for holder in holders
            ],
        },
        {"graph": "roleManagement/directory/roleEligibilityScheduleInstances", "value": []},
        {
            "graph": "roleManagement/directory/roleDefinitions",
            "value": [{"id": ROLE, "templateId": ROLE, "displayName": "Global Administrator"}],
        },
    ]


def names(customer: Customer) -> dict[str, ObjectName]:
    with tenant_scope(customer.tenant.pk):
        return {row.guid: row for row in ObjectName.objects.all()}


def acted() -> list[Line]:
    """Return three applications, and log events that say that two of them and a person changed something."""
    account = f"/subscriptions/{guid(1)}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a"
    now = datetime.now(UTC)
    apps = {DEPLOY: "Deploy", SCALER: "Scaler", OTHER_APP: "Idle"}
    return [
        {"graph": "servicePrincipals", "value": [{"id": one, "displayName": apps[one]} for one in apps]},
        event(1, account, now, caller=DEPLOY.upper(), claims={}),
        event(2, account, now, caller=guid(40), claims={"idtyp": "app", OBJECT: SCALER}),
        event(3, account, now, claims={"name": "Carla Stein", OBJECT: BYSTANDER}),
    ]


@pytest.fixture
def named(azure: Azure, customer: Customer) -> Customer:
    azure.serve(estate())
    customer.add()
    customer.assess()
    return customer


def test_names_of_mentioned_people_and_roles_are_stored_and_no_others(named: Customer) -> None:
    stored = names(named)
    assert {row.name.label for row in stored.values()} == {
        "Anna Berg (anna@contoso.com)",
        "Boris Lang (boris@contoso.com)",
        "Global Administrator",
    }
    assert stored[ROLE].kind == Kind.DIRECTORY_ROLE
    assert BYSTANDER not in stored


def test_names_are_neither_in_evidence_nor_in_findings(named: Customer) -> None:
    with tenant_scope(named.tenant.pk):
        texts = [str(item.content) for item in EvidenceItem.objects.all()]
        texts += [f"{row.observed} {row.reason} {row.subject_name}" for row in Finding.objects.all()]
    assert len(texts) > 5
    assert not [text for text in texts if "Anna" in text or "anna@" in text]


def test_a_rename_changes_the_name_only(named: Customer) -> None:
    before, changes = named.written(), len(named.changes())
    named.azure_is(estate(anna="Anna Berg-Holm"))
    named.assess()
    assert names(named)[ANNA].name.label == "Anna Berg-Holm (anna@contoso.com)"
    assert named.written() == before
    assert len(named.changes()) == changes


def test_without_the_right_the_missing_permission_is_stored(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(graph=["RoleManagement.Read.Directory", "AuditLog.Read.All", "Policy.Read.All"]))
    customer.add()
    customer.assess()
    row = names(customer)[ANNA]
    assert (row.status, row.permission) == (Status.NOT_READABLE, "User.Read.All")
    assert row.name.problem == "name not readable: missing permission User.Read.All"
    customer.azure_is(estate())
    customer.assess()
    assert names(customer)[ANNA].name.label == "Anna Berg (anna@contoso.com)"


def test_names_are_read_only_with_an_enabled_service_principal(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(graph=["RoleManagement.Read.Directory", "AuditLog.Read.All", "Policy.Read.All"]))
    principal = customer.add()
    customer.assess()
    customer.azure_is(estate())
    for enabled, status in ((False, Status.NOT_READABLE), (True, Status.KNOWN)):
        with tenant_scope(customer.tenant.pk):
            set_principal_enabled(by=BY, service_principal=principal, enabled=enabled)
        customer.azure.now.reset_counts()
        refresh_names(tenant_id=customer.tenant.pk)
        assert bool(customer.azure.now.request_counts()) is enabled
        assert names(customer)[ANNA].status == status


def test_names_that_no_finding_mentions_are_removed(named: Customer) -> None:
    named.azure_is(estate(holders=(BORIS,), without=ANNA))
    named.assess()
    assert {row.name.label for row in names(named).values()} == {
        "Boris Lang (boris@contoso.com)",
        "Global Administrator",
    }


def test_a_name_that_only_a_remark_mentions_is_kept(named: Customer) -> None:
    with tenant_scope(named.tenant.pk):
        known = ObjectName.objects.filter(status=Status.KNOWN).first()
        assert known is not None
        ObjectName.objects.create(
            tenant=named.tenant,
            directory=known.directory,
            guid=OTHER_APP,
            kind=Kind.APPLICATION,
            status=Status.KNOWN,
            display_name="Deploy",
            read_at=known.read_at,
        )
        finding = Finding.objects.exclude(section="identity").filter(gone_at=None).order_by("pk")[0]
        for remarks in ([f"Its key was changed by {OTHER_APP.upper()}"], []):
            Finding.objects.filter(pk=finding.pk).update(remarks=remarks)
            _delete_unreferenced(named.tenant.pk)
            assert ObjectName.objects.filter(guid=OTHER_APP).exists() is bool(remarks)


def test_policies_in_the_evidence_of_findings_are_named(azure: Azure, customer: Customer) -> None:
    """A policy that no verdict mentions is named too, as long as it is evidence of a current finding."""
    policies = [
        {
            "id": identifier,
            "displayName": name,
            "state": "enabled",
            "conditions": {
                "users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]},
                "clientAppTypes": clients,
            },
            "grantControls": {"operator": "OR", "builtInControls": [control]},
        }
        for identifier, name, clients, control in (
            (guid(21), "Require MFA", ["all"], "mfa"),
            (guid(22), "Block legacy clients", ["exchangeActiveSync", "other"], "block"),
        )
    ]
    azure.serve([*estate(), {"graph": "identity/conditionalAccess/policies", "value": policies}])
    customer.add()
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        cited = EvidenceItem.objects.filter(collection="conditional_access_policies")
        assert {item.document_id for item in cited} == {guid(21), guid(22)}
        mentioned = Finding.objects.get(control="identity-mfa-enforced")
    assert guid(22) not in f"{mentioned.observed} {mentioned.reason} {mentioned.remarks}"
    stored = {row.guid: row.display_name for row in names(customer).values() if row.kind == Kind.POLICY}
    assert stored == {guid(21): "Require MFA", guid(22): "Block legacy clients"}
    refresh_names(tenant_id=customer.tenant.pk)
    assert guid(22) in names(customer)
    customer.azure_is([*estate(), {"graph": "identity/conditionalAccess/policies", "value": policies[:1]}])
    customer.assess()
    assert guid(22) not in names(customer)


def test_a_policy_with_an_unusual_id_does_not_stop_the_unit(azure: Azure, customer: Customer) -> None:
    policy = {
        "id": "x" * 100,
        "displayName": "Require MFA",
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }
    azure.serve([*estate(), {"graph": "identity/conditionalAccess/policies", "value": [policy]}])
    customer.add()
    units = customer.units(customer.assess())
    assert {unit.state for unit in units.values()} == {"done"}
    with tenant_scope(customer.tenant.pk):
        cited = EvidenceItem.objects.filter(collection="conditional_access_policies")
        assert {item.document_id for item in cited} == {policy["id"]}
    assert not [row for row in names(customer).values() if row.kind == Kind.POLICY]


def test_applications_in_activity_logs_are_named_while_events_mention_them(
    azure: Azure, customer: Customer
) -> None:
    azure.serve([*estate(), *acted()])
    customer.add()
    customer.assess()
    stored = names(customer)
    applications = {row.guid: row.display_name for row in stored.values() if row.kind == Kind.APPLICATION}
    assert applications == {DEPLOY: "Deploy", SCALER: "Scaler"}
    assert BYSTANDER not in stored
    refresh_names(tenant_id=customer.tenant.pk)
    call_command("erase_names", customer.tenant.slug, "--id", SCALER, stdout=StringIO())
    customer.assess()
    assert names(customer).keys() >= {DEPLOY, SCALER}
    assert names(customer)[SCALER].status == Status.ERASED, "an erased name is not read again"
    change_as_owner("assessments_activityevent", customer.tenant, "DELETE FROM assessments_activityevent")
    refresh_names(tenant_id=customer.tenant.pk)
    assert DEPLOY not in names(customer)
    assert names(customer)[ANNA].name.label == "Anna Berg (anna@contoso.com)"


def test_an_application_whose_name_is_not_readable_gets_the_missing_permission(
    azure: Azure, customer: Customer
) -> None:
    azure.serve([*estate(graph=["RoleManagement.Read.Directory", "User.Read.All"]), *acted()])
    customer.add()
    customer.assess()
    row = names(customer)[DEPLOY]
    assert (row.status, row.permission) == (Status.NOT_READABLE, "Application.Read.All")


def test_erasing_a_person_lasts_over_assessments(named: Customer) -> None:
    out = StringIO()
    call_command("erase_names", named.tenant.slug, "--principal-name", "ANNA@contoso.com", stdout=out)
    assert out.getvalue() == "Erased names: 1.\n"
    named.assess()
    row = names(named)[ANNA]
    assert (row.status, row.display_name, row.principal_name) == (Status.ERASED, "", "")
    assert row.name.problem == "name erased on request"
    with tenant_scope(named.tenant.pk):
        entry = JournalEntry.objects.get(action="names.erase")
    assert "anna" not in str(entry.details).lower()
    assert entry.details["count"] == 1


@pytest.mark.parametrize(
    ("arguments", "stays"),
    [
        (["--principal-name", "ANNA@contoso.com"], True),
        (["--id", BYSTANDER], True),
        (["--all"], True),
        (["--principal-name", "boris@contoso.com"], False),
        (["--id", SCALER], False),
    ],
)
def test_erasing_names_says_that_user_names_of_acting_people_stay(
    arguments: list[str], stays: bool, azure: Azure, customer: Customer
) -> None:
    """Without this message, people could believe that the stored operations no longer name the person."""
    azure.serve([*estate(), *acted()])
    customer.add()
    customer.assess()
    errors = StringIO()
    # No finding names the person who acted, so there is no name to erase, and the command may end with an error.
    with suppress(CommandError):
        call_command("erase_names", customer.tenant.slug, *arguments, stdout=StringIO(), stderr=errors)
    assert ("User names stay in operations" in errors.getvalue()) is stays


def test_erasing_everything_leaves_no_name(named: Customer) -> None:
    call_command("erase_names", named.tenant.slug, "--all", stdout=StringIO())
    assert not [row for row in names(named).values() if row.name.label]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--id", guid(99)], "has no name for this id or principal name"),
        (["--principal-name", "nobody@contoso.com"], "has no name for this id or principal name"),
    ],
)
def test_erasing_an_unknown_name_says_so(named: Customer, arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError, match=text):
        call_command("erase_names", named.tenant.slug, *arguments)


def test_erasing_for_an_unknown_customer_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="There is no customer 'nobody'"):
        call_command("erase_names", "nobody", "--all")


def test_another_tenant_sees_and_changes_no_name(named: Customer) -> None:
    other = factories.tenant()
    with tenant_scope(other.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assessments_objectname")
        assert cursor.fetchone() == (0,)
        cursor.execute("UPDATE assessments_objectname SET display_name = 'x'")
        assert cursor.rowcount == 0


def test_refreshing_twice_writes_nothing(named: Customer) -> None:
    before = {row.pk: row.read_at for row in names(named).values()}
    refresh_names(tenant_id=named.tenant.pk)
    work()
    assert {row.pk: row.read_at for row in names(named).values()} == before
