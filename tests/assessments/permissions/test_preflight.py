"""Missing permissions and their grants, from a pre-flight and from the coverage ledger."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments import selectors
from assessments.actions.credentials.preflight import run_preflight
from assessments.collect.errors import SlowAnswer
from assessments.collect.principals.names import NAME_PERMISSIONS
from assessments.controls.registry import catalogue
from assessments.display.names import Kind
from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from assessments.models import Unit
from assessments.permissions.grants import (
    APP_ROLES,
    GRAPH,
    closure,
    commands_of,
    grants_from_ledger,
)
from assessments.permissions.preflight import NAMES
from assessments.permissions.readiness import as_plain, from_plain
from tenants.actions import sync_subscriptions
from tenants.actions.service_principals import set_principal_enabled
from tenants.azure.credentials import DiscoveredSubscription
from tenants.clouds import CLOUDS, CUSTOM, Cloud
from tenants.models import Directory, JournalEntry, ServicePrincipal
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.assessed_customer import assess, generate, registered, registered_reader, write
from tests.assessments.collect.azure import (
    CLIENT,
    DIRECTORY,
    SECRET,
    answer,
    control_plane,
    directory,
    guid,
    subscription,
)
from tests.assessments.controls.cases import not_in_sandbox
from tests.assessments.permissions.readable_estates import (
    ONES,
    SOME_GRAPH,
    WITHOUT_APPLICATIONS,
    directory_role,
    without_applications,
)
from tests.factories.places import BY
from tests.for_each import for_each

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=15)]

ASSIGN = (
    f'az role assignment create --assignee-object-id "$(az ad sp show --id {CLIENT} --query id --output tsv)"'
    " --assignee-principal-type ServicePrincipal --role Reader"
)


@contextmanager
def principal_of(
    folder: Path, *more: Any, count: int = 1, secret: str = SECRET, **client: Any
) -> Iterator[tuple[Served, ServicePrincipal]]:
    lines = [directory(**client), *SOME_GRAPH, *ONES, *more]
    for number in range(1, count + 1):
        lines += subscription(guid(number))
    with serve(write(folder / "estate.jsonl", lines)) as served:
        yield served, registered(served.url, served.ca, DIRECTORY, CLIENT, secret)


def report_of(principal: ServicePrincipal, subscriptions: list[str] | None = None, **more: Any) -> Any:
    return run_preflight(
        by=BY,
        tenant_id=principal.tenant_id,
        service_principal_id=principal.pk,
        subscriptions=subscriptions,
        **more,
    )


def test_with_all_permissions_every_control_can_be_judged(tmp_path: Path) -> None:
    with principal_of(tmp_path, count=2) as (served, principal):
        control_plane(served, "POST", "requests/reset")
        report = report_of(principal, [guid(1), guid(2)])
        asked = control_plane(served, "GET", "requests")
    assert [(row.control.slug, row.missing) for row in report.not_judged] == []
    assert len(report.judged) == len(catalogue())
    assert report.grants == []
    assert report.commands == []
    reads = [row for row in asked if "/oauth2/" not in row["path"] and "openid" not in row["path"]]
    # The pre-flight also sends three requests about the principal itself, which `report.requests` does not count.
    own = [
        row["path"]
        for row in reads
        if row["path"].lower().startswith(("/v1.0/serviceprincipals(", "/v1.0/serviceprincipals/"))
    ]
    assert len(own) == 3
    reads = [row for row in reads if row["path"] not in own]
    # `reads` still contains one request that `report.requests` does not count: the request for the directory roles of
    # the principal. Its path is not in `own`, because the controls need a list with the same path.
    assert sum(row["count"] for row in reads) == report.requests + 1
    assert all("/resourceGroups/" not in row["path"] for row in reads)


def _endpoints(cloud: Cloud) -> dict[str, str]:
    return {name: getattr(cloud, name) for name in ("authority", "arm", "arm_scope", "graph", "ca")}


@pytest.mark.parametrize("cloud", sorted({*CLOUDS, "custom"}))
def test_a_tidy_directory_has_nothing_to_grant(
    tmp_path: Path, cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older api-versions (in national clouds), retired types and unregistered providers (in the sandbox's estates) do
    not make a permission count as missing.
    """
    generated = {"AzureUSGovernmentDoD": "AzureUSGovernment", "custom": "AzureCloud"}.get(cloud, cloud)
    options = ["--subscriptions", "1", "--seed", "5", "--cloud", generated]
    with serve(generate(tmp_path / "estate.jsonl", *options)) as served:
        principal = registered_reader(served)
        if cloud != "custom":
            # Give the national cloud the endpoints of the sandbox, because the test cannot use Microsoft's.
            place = principal.directory.cloud
            monkeypatch.setitem(CLOUDS, cloud, replace(CLOUDS[cloud], **_endpoints(place), name=CUSTOM))
            with tenant_scope(principal.tenant_id):
                Directory.objects.update(cloud_name=cloud, cloud_settings={})
        control_plane(served, "POST", "requests/reset")
        report = report_of(principal)
        asked = [row["path"] for row in control_plane(served, "GET", "requests")]
    of_defender = [path for path in asked if "/providers/microsoft.security/" in path.casefold()]
    assert bool(of_defender) is (cloud != "AzureChinaCloud"), of_defender
    assert report.cloud == cloud
    # The only controls that cannot be judged need objects that the sandbox does not generate. Requests for these
    # objects return 404.
    generated_controls = [row for row in report.not_judged if row.control.slug not in not_in_sandbox()]
    assert [(row.control.slug, row.missing) for row in generated_controls] == []
    assert {m.reason for row in report.not_judged for m in row.missing} <= {Reason.NOT_FOUND}
    assert len(report.judged) + len(report.not_judged) == len(catalogue())
    assert (list(report.grants), list(report.commands)) == ([], [])


def group_above(number: int, name: str) -> dict[str, Any]:
    """Return a row of the answer that lists the management groups above a subscription."""
    path = f"/subscriptions/{guid(number)}/providers/Microsoft.Management/managementGroups/{name}"
    return {"id": path, "name": name, "properties": {"displayName": name.title()}}


def refusal_of_group(name: str) -> Any:
    path = f"/providers/Microsoft.Management/managementGroups/{name}/providers/Microsoft.Insights"
    body = {"error": {"code": "AuthorizationFailed", "message": "No."}}
    return answer(f"{path}/diagnosticSettings", 403, body)


def test_readable_management_groups_are_clean(tmp_path: Path) -> None:
    with principal_of(tmp_path, group_above(1, "contoso")) as (served, principal):
        control_plane(served, "POST", "requests/reset")
        report = report_of(principal, [guid(1)])
        asked = {row["path"].casefold() for row in control_plane(served, "GET", "requests")}
    assert [row.missing for row in report.not_judged] == []
    assert any("/managementgroups/contoso/" in path for path in asked)


def test_an_unreadable_management_group_is_reported_with_its_grant(tmp_path: Path) -> None:
    groups = [group_above(1, "root"), group_above(2, "root"), refusal_of_group("root")]
    with principal_of(tmp_path, *groups, count=2) as (_, principal):
        report = report_of(principal, [guid(1), guid(2)])
    assert {row.control.slug for row in report.not_judged} == {
        "logging-activity-export",
        "logging-retention-activity",
    }
    assert {m.subscription for row in report.not_judged for m in row.missing} == {"management group root"}
    (grant,) = report.grants
    assert grant.permission == "Microsoft.Insights/diagnosticSettings/read"
    assert "/providers/Microsoft.Management/managementGroups/" in grant.command
    assert report == from_plain(as_plain(report))


def test_management_groups_above_a_subscription_that_exports_itself_are_not_asked(tmp_path: Path) -> None:
    own = f"/subscriptions/{guid(1)}"
    logs = [{"category": c, "enabled": True} for c in ("Administrative", "Alert", "Policy", "Security")]
    setting = {
        "id": f"{own}/providers/Microsoft.Insights/diagnosticSettings/audit",
        "name": "audit",
        "properties": {"workspaceId": f"{own}/x", "logs": logs},
    }
    with principal_of(tmp_path, setting, group_above(1, "root"), refusal_of_group("root")) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert report.not_judged == ()


def test_missing_graph_permissions_are_reported(tmp_path: Path) -> None:
    granted = ["Policy.Read.All", "User.Read.All", "Domain.Read.All", "RoleManagement.Read.Directory"]
    with principal_of(tmp_path, graph=granted) as (_, principal):
        report = report_of(principal, [guid(1)])
    lacking = {grant.permission: grant for grant in report.grants}
    assert set(lacking) == {
        "Application.Read.All",
        "AuditLog.Read.All",
        "GroupMember.Read.All",
        "GroupSettings.Read.All|Directory.Read.All",
        "Policy.Read.DeviceConfiguration",
        "Policy.Read.PermissionGrant",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        *("|".join(line["permissions"]) for line in ONES if "permissions" in line),
    }
    assert lacking["Application.Read.All"].controls == ("identity-app-cred-expiry",)
    assert lacking["Policy.Read.DeviceConfiguration"].controls == ("identity-device-join-mfa",)
    assert lacking["Policy.Read.PermissionGrant"].controls == ("identity-consent-verified-only",)
    assert "identity-mfa-privileged" in lacking["AuditLog.Read.All"].controls
    assert "storage-secure-transfer" not in lacking["AuditLog.Read.All"].controls
    role = "b0afded3-3588-46d8-8b3d-9842eff778da"
    assert lacking["AuditLog.Read.All"].command.splitlines() == [
        f"az ad app permission add --id {CLIENT} --api {GRAPH} --api-permissions {role}=Role",
        f"az ad app permission admin-consent --id {CLIENT}",
    ]
    # The first command adds all app roles, and the second one grants admin consent.
    assert len(report.commands) == 2
    assert report.commands[0].count("=Role") == len(lacking)
    by_slug = {row.control.slug: row for row in report.controls}
    assert by_slug["storage-secure-transfer"].is_judged
    assert {m.reason for m in by_slug["identity-mfa-privileged"].missing} == {Reason.FORBIDDEN}


def test_names_need_a_permission_that_is_missing_for_no_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_applications(monkeypatch)
    with principal_of(tmp_path, graph=WITHOUT_APPLICATIONS) as (_, principal):
        report = report_of(principal, [guid(1)])
        out = io.StringIO()
        call_command("preflight", principal.directory.tenant.slug, stdout=out)
    assert (report.not_judged, report.grants, report.commands) == ((), [], [])
    add, consent = report.name_commands
    assert add.endswith(f"--api-permissions {APP_ROLES['Application.Read.All']}=Role")
    # The command prints how to grant the permission for reading names, and ends without an error.
    assert add in out.getvalue()
    assert consent in out.getvalue()


def test_one_control_and_names_of_applications_need_the_same_permission(tmp_path: Path) -> None:
    with principal_of(tmp_path, graph=WITHOUT_APPLICATIONS) as (_, principal):
        report = report_of(principal, [guid(1)])
        out = io.StringIO()
        with pytest.raises(CommandError, match="Some controls cannot be judged"):
            call_command("preflight", principal.directory.tenant.slug, stdout=out)
    permission = "missing permission (Application.Read.All)"
    assert f"  Roles in Azure are unknown: {permission}\n" in out.getvalue()
    assert f"  Application permissions are unknown: {permission}\n" in out.getvalue()
    assert [row.control.slug for row in report.not_judged] == ["identity-app-cred-expiry"]
    assert [grant.permission for grant in report.grants] == ["Application.Read.All"]
    assert [(row.what, row.permission, row.reason) for row in report.names] == [
        ("users", "User.Read.All", None),
        ("groups", "GroupMember.Read.All", None),
        ("applications", "Application.Read.All", Reason.FORBIDDEN),
        ("directory roles", "RoleManagement.Read.Directory", None),
    ]
    role = APP_ROLES["Application.Read.All"]
    add, consent = report.commands
    assert report.name_commands == [], "the permission is granted once"
    assert add == f"az ad app permission add --id {CLIENT} --api {GRAPH} --api-permissions {role}=Role"
    assert consent == f"az ad app permission admin-consent --id {CLIENT}"
    assert (
        "ids instead of the names of applications (Application.Read.All: missing permission)"
        in out.getvalue()
    )
    assert add in out.getvalue()


def test_the_audit_log_of_the_directory_is_optional(tmp_path: Path) -> None:
    with principal_of(tmp_path, graph=["Policy.Read.All"]) as (_, principal):
        report = report_of(principal, [guid(1)])
        out = io.StringIO()
        with pytest.raises(CommandError, match="Some controls cannot be judged"):
            call_command("preflight", principal.directory.tenant.slug, stdout=out)
    assert report.audit_log is not None
    assert (report.audit_log.permission, report.audit_log.reason) == ("AuditLog.Read.All", Reason.FORBIDDEN)
    assert not any(m.collection == "directory_audits" for row in report.controls for m in row.missing)
    assert (
        "The audit log of the directory cannot be read (AuditLog.Read.All: missing permission)"
        in out.getvalue()
    )
    assert from_plain(as_plain(report)).audit_log == report.audit_log
    earlier = {key: value for key, value in as_plain(report).items() if key != "audit_log"}
    assert from_plain(earlier).audit_log is None, "reports of earlier versions lack it"


def test_a_permission_that_a_control_also_needs_is_granted_once(tmp_path: Path) -> None:
    with principal_of(tmp_path, graph=["Policy.Read.All"]) as (_, principal):
        report = report_of(principal, [guid(1)])
    both = {"User.Read.All", "Application.Read.All"}
    assert {row.permission for row in report.unnamed} >= both
    assert {grant.permission for grant in report.grants} >= both
    assert report.name_commands == []


def test_the_permissions_for_names_are_those_that_findings_report() -> None:
    kinds = {
        "users": Kind.USER,
        "groups": Kind.GROUP,
        "applications": Kind.APPLICATION,
        "directory roles": Kind.DIRECTORY_ROLE,
    }
    assert {what: c.permission for what, c in NAMES.items()} == {
        what: NAME_PERMISSIONS[kind] for what, kind in kinds.items()
    }


def test_a_subscription_without_access_is_reported(tmp_path: Path) -> None:
    with principal_of(tmp_path, count=2, subscriptions=[guid(1)]) as (_, principal):
        report = report_of(principal, [guid(1), guid(2)])
    slugs = {row.control.slug for row in report.not_judged}
    assert "storage-secure-transfer" in slugs
    assert "identity-guests-limited" not in slugs
    assert report.commands == [f"{ASSIGN} --scope /subscriptions/{guid(2)}"]
    assert {m.subscription for row in report.not_judged for m in row.missing} == {guid(2)}


def test_a_missing_action_is_reported(tmp_path: Path) -> None:
    refused = answer(
        f"/subscriptions/{guid(1)}/providers/Microsoft.Security/pricings",
        403,
        {"error": {"code": "AuthorizationFailed", "message": "No."}},
    )
    with principal_of(tmp_path, refused) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert [grant.permission for grant in report.grants] == ["Microsoft.Security/pricings/read"]
    expected = {slug for slug, c in catalogue().items() if "defender_pricings" in closure(c)}
    assert expected
    assert {row.control.slug for row in report.not_judged} == expected == set(report.grants[0].controls)


EFFECTIVE = f"/subscriptions/{guid(1)}/providers/Microsoft.Authorization/permissions"


def effective(actions: list[str], *not_actions: str) -> Any:
    return answer(EFFECTIVE, 200, {"value": [{"actions": actions, "notActions": list(not_actions)}]})


@pytest.mark.parametrize(
    ("allowed", "lacking"),
    [
        (effective(["*/read"]), set()),
        (effective(["*"], "microsoft.storage/*/CONTAINERS/read"), {"blob_containers"}),
        (effective(["*/read"], "Microsoft.Sql/servers/firewallRules/*"), {"sql_firewall_rules"}),
        (
            answer(
                EFFECTIVE,
                200,
                {
                    "value": [
                        {"actions": ["Microsoft.Storage/*"], "notActions": []},
                        {"actions": ["*/read"], "notActions": ["Microsoft.Storage/*"]},
                    ]
                },
            ),
            set(),
        ),
    ],
    ids=["reader", "notActions in other case", "notActions with a wildcard", "what two roles add up to"],
)
def test_effective_permissions_decide_about_child_collections(
    tmp_path: Path, allowed: Any, lacking: set[str]
) -> None:
    with principal_of(tmp_path, allowed) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert {m.collection for row in report.not_judged for m in row.missing} == lacking
    assert {grant.permission for grant in report.grants} == {ALL[name].permission for name in lacking}
    assert report.unchecked == ()


@pytest.mark.parametrize(
    "refusal",
    [
        answer(EFFECTIVE, 404, {"error": {"code": "NoRegisteredProviderFound", "message": "None."}}),
        answer(EFFECTIVE, 200, {"value": [{"actions": "*"}]}),
    ],
    ids=["not there", "of another form"],
)
def test_unread_effective_permissions_are_reported(tmp_path: Path, refusal: Any) -> None:
    with principal_of(tmp_path, refusal) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert report.unchecked == (guid(1),)
    assert report.not_judged == ()


@pytest.mark.parametrize(
    "refusal",
    [
        answer(EFFECTIVE, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}}),
        answer(EFFECTIVE, 200, {"value": []}),
    ],
    ids=["forbidden", "no role"],
)
def test_without_a_role_on_the_subscription_no_list_counts_as_complete(tmp_path: Path, refusal: Any) -> None:
    """If the principal has a role only on resource groups, Azure answers 200 with an incomplete list of the
    subscription's resources.
    """
    with principal_of(tmp_path, refusal) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert report.unchecked == ()
    missing = {m for row in report.not_judged for m in row.missing}
    assert {(m.reason, m.subscription) for m in missing} == {(Reason.FORBIDDEN, guid(1))}
    assert {"resources", "storage_accounts", "blob_containers"} <= {m.collection for m in missing}
    assert len(missing) == len({m.collection for m in missing})
    # If Azure refuses to list the principal's permissions, only the permission to list them is known to be missing.
    one = "Microsoft.Authorization/permissions/read"
    named = {m.permission for m in missing}
    assert named == {one} if refusal["answer"]["status"] == 403 else one not in named
    assert report.commands == [f"{ASSIGN} --scope /subscriptions/{guid(1)}"]


def test_an_answer_that_is_too_late_is_missing(tmp_path: Path) -> None:
    path = f"/subscriptions/{guid(1)}/providers/Microsoft.Storage/storageAccounts"
    with principal_of(tmp_path, answer(path, 200, {"value": []}, delay_ms=4000)) as (_, principal):
        report = report_of(principal, [guid(1)], seconds=2)
    missing = {m for row in report.not_judged for m in row.missing}
    assert "storage_accounts" in {m.collection for m in missing}
    assert {m.reason for m in missing} == {Reason.TIMEOUT}
    assert report.commands == []


def test_a_report_round_trips_through_json(tmp_path: Path) -> None:
    with principal_of(tmp_path, graph=["Policy.Read.All"], subscriptions=[]) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert report.not_judged
    assert from_plain(json.loads(json.dumps(as_plain(report)))) == report


def test_a_preflight_inside_a_transaction_is_refused(tmp_path: Path) -> None:
    with (
        principal_of(tmp_path) as (_, principal),
        tenant_scope(principal.tenant_id),
        pytest.raises(RuntimeError, match="outside any scope"),
    ):
        report_of(principal)


def test_other_failures_need_no_grant(tmp_path: Path) -> None:
    broken = answer(
        f"/subscriptions/{guid(1)}/providers/Microsoft.Sql/servers", 404, {"error": {"code": "X"}}
    )
    with principal_of(tmp_path, broken) as (_, principal):
        report = report_of(principal, [guid(1)])
    assert {m.reason for row in report.not_judged for m in row.missing} == {Reason.NOT_FOUND}
    assert any(row.control.slug.startswith("sql-") for row in report.not_judged)
    assert report.commands == []


def test_without_visible_subscriptions_the_reader_role_is_missing(tmp_path: Path) -> None:
    with principal_of(tmp_path, subscriptions=[]) as (_, principal):
        report = report_of(principal)
    assert "storage-secure-transfer" in {row.control.slug for row in report.not_judged}
    assert report.commands == [
        "# Id of a subscription to assess. Example: 00000000-0000-0000-0000-000000000000",
        "SUBSCRIPTION=''",
        f'{ASSIGN} --scope /subscriptions/"${{SUBSCRIPTION:?}}"',
    ]


def test_no_role_is_missing_if_the_subscriptions_could_not_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: object) -> None:
        raise SlowAnswer("The answer was not complete after 300 seconds")

    monkeypatch.setattr("assessments.permissions.preflight.discover_subscriptions", slow)
    with principal_of(tmp_path) as (_, principal):
        report = report_of(principal)
    missing = {m.reason for row in report.not_judged for m in row.missing}
    assert "storage-secure-transfer" in {row.control.slug for row in report.not_judged}
    assert missing == {Reason.TIMEOUT}
    assert report.commands == []


def test_subscriptions_that_no_assessment_covers_are_not_checked(tmp_path: Path) -> None:
    """Most directories with Entra licences have a subscription of the offer “Access to Azure Active Directory”, for
    which Azure refuses every provider.
    """
    empty, deleted = (f"/subscriptions/{guid(number)}" for number in (7, 8))
    policies = {"quotaId": "AAD_2015-09-01", "spendingLimit": "On"}
    lines = (
        {"id": empty, "subscriptionId": guid(7), "state": "Enabled", "subscriptionPolicies": policies},
        {"id": deleted, "subscriptionId": guid(8), "state": "Deleted"},
    )
    with principal_of(tmp_path, *lines) as (_, principal):
        report = report_of(principal)
    assert report.subscriptions == (guid(1),)
    assert report.not_judged == ()


def test_a_wrong_secret_is_reported(tmp_path: Path) -> None:
    with principal_of(tmp_path, secret="another-secret~of-nobody") as (_, principal):
        report = report_of(principal, [guid(1)])
    assert report.error_code == "AADSTS7000215"
    assert report.error
    assert report.controls == ()
    with tenant_scope(principal.tenant_id):
        entry = JournalEntry.objects.filter(action="service_principal.preflight").get()
    assert entry.details["error_code"] == "AADSTS7000215"
    assert "another-secret" not in str(entry.details)


def test_the_ledger_leads_to_the_same_grants(tmp_path: Path) -> None:
    granted = ["Policy.Read.All", "User.Read.All", "Domain.Read.All"]
    refused = answer(
        f"/subscriptions/{guid(1)}/providers/Microsoft.Storage/storageAccounts",
        403,
        {"error": {"code": "AuthorizationFailed", "message": "No."}},
    )
    with principal_of(tmp_path, refused, graph=granted) as (_, principal):
        tenant = principal.directory.tenant
        assessment = assess(tenant)
        report = report_of(principal)
    with tenant_scope(tenant.pk):
        ledger = selectors.ledger(Unit.objects.filter(assessment=assessment))
    grants = grants_from_ledger(ledger, CLIENT, [guid(1)])
    named = {grant.permission: grant for grant in grants}
    assert {
        "Microsoft.Storage/storageAccounts/read",
        "AuditLog.Read.All",
        "RoleManagement.Read.Directory",
    } <= set(named)
    asked = {grant.permission for grant in report.grants}
    assert asked <= set(named) | {"GroupMember.Read.All", "Policy.Read.PermissionGrant"}
    assert "storage-secure-transfer" in named["Microsoft.Storage/storageAccounts/read"].controls
    assert "identity-mfa-privileged" in named["AuditLog.Read.All"].controls
    assert all(grant.command for grant in grants)
    assert commands_of(grants, CLIENT)[0].endswith(f"--role Reader --scope /subscriptions/{guid(1)}")


def test_the_command_prints_the_rights_and_the_grants(tmp_path: Path) -> None:
    with principal_of(tmp_path, graph=["Policy.Read.All", "Application.Read.All"]) as (_, principal):
        out = io.StringIO()
        slug = principal.directory.tenant.slug
        with pytest.raises(CommandError) as error:
            call_command("preflight", slug, stdout=out)
    assert error.value.returncode == 1
    text = out.getvalue()
    assert re.search(
        rf"^  \d+ of {len(catalogue())} controls can be judged in 1 subscriptions", text, re.MULTILINE
    )
    lines = text.splitlines()
    unjudged = lines.index(
        "  Controls that cannot be judged in at least one subscription or directory, and why:"
    )
    rights = lines[lines.index("  Roles and permissions of the service principal:") + 1 : unjudged]
    assert {
        "    Application permission Application.Read.All of Microsoft Graph",
        "    Application permission Policy.Read.All of Microsoft Graph",
    } <= set(rights)
    assert any(line.startswith("    identity-mfa-privileged: AuditLog.Read.All") for line in lines[unjudged:])
    assert f"az ad app permission admin-consent --id {CLIENT}" in text
    with pytest.raises(CommandError, match="no customer"):
        call_command("preflight", "nobody")


def test_the_command_checks_each_subscription_with_the_principal_that_reads_it(tmp_path: Path) -> None:
    """A disabled principal needs no grants, even for a subscription that it alone has discovered."""
    with principal_of(tmp_path) as (_, principal):
        tenant = principal.directory.tenant
        with tenant_scope(tenant.pk):
            other = factories.service_principal(principal.directory, client_id=guid(70))
            for number, reader in ((1, principal), (2, other)):
                seen = [DiscoveredSubscription(guid(number), f"Subscription {number}", "Enabled")]
                sync_subscriptions(by=BY, service_principal=reader, discovered=seen)
            set_principal_enabled(by=BY, service_principal=other, enabled=False)
        out = io.StringIO()
        call_command("preflight", tenant.slug, stdout=out)
    assert (
        f"{len(catalogue())} of {len(catalogue())} controls can be judged in 1 subscriptions"
        in out.getvalue()
    )
    assert guid(70) not in out.getvalue()
    with tenant_scope(tenant.pk):
        set_principal_enabled(by=BY, service_principal=principal, enabled=False)
    with pytest.raises(CommandError, match="has no enabled service principal"):
        call_command("preflight", tenant.slug)


def test_every_graph_permission_has_an_app_role() -> None:
    wanted = {one.permissions[0] for one in ALL.values() if one.source is Source.GRAPH}
    assert wanted - APP_ROLES.keys() == set()
    assert len(set(APP_ROLES.values())) == len(APP_ROLES)
    assert all(
        re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) for value in APP_ROLES.values()
    )


USERS_REFUSED = {"permission": "User.Read.All", "gaps": {"forbidden": 1}}
LEDGERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("empty", {}, []),
    (
        "other reasons",
        {"collections": {"users": {"permission": "User.Read.All", "gaps": {"throttled": 2}}}},
        [],
    ),
    ("refused", {"collections": {"users": USERS_REFUSED}}, ["User.Read.All"]),
    (
        "arm first",
        {
            "collections": {
                "users": USERS_REFUSED,
                "disks": {
                    "permission": "Microsoft.Compute/disks/read",
                    "gaps": {"forbidden": 1, "timeout": 1},
                },
            }
        },
        ["Microsoft.Compute/disks/read", "User.Read.All"],
    ),
]


@for_each(("ledger", "permissions"), [row[1:] for row in LEDGERS], ids=[row[0] for row in LEDGERS])
def test_ledgers_of_units_give_the_grants(ledger: dict[str, Any], permissions: list[str]) -> None:
    assert [grant.permission for grant in grants_from_ledger(ledger, CLIENT, [guid(1)])] == permissions


@pytest.mark.parametrize(
    ("allowed", "action"),
    [
        (effective(["*"]), "*"),
        (effective(["*"], "Microsoft.Authorization/*/Write"), "*"),
        (
            effective(["*/read", "Microsoft.Authorization/roleAssignments/write"]),
            "Microsoft.Authorization/roleAssignments/write",
        ),
        (effective(["*/read", "Microsoft.Authorization/*"]), "Microsoft.Authorization/*"),
        (effective(["*/read", "Microsoft.Authorization/*/write"]), "Microsoft.Authorization/*/write"),
        (
            effective(["*/read", "microsoft.authorization/roleAssignments/*"]),
            "microsoft.authorization/roleAssignments/*",
        ),
        (effective(["*/read", "Microsoft.Compute/*"]), "Microsoft.Compute/*"),
        (
            effective(["*/read", "Microsoft.Network/routeTables/delete"]),
            "Microsoft.Network/routeTables/delete",
        ),
        (effective(["*"], "*/write", "*/delete", "*/action"), ""),
        (effective(["*/read", "Microsoft.Support/*"]), ""),
        (effective(["*/read", "Microsoft.Storage/storageAccounts/listKeys/action"]), ""),
    ],
    ids=[
        "Owner",
        "Contributor",
        "User Access Administrator",
        "administrator of roles",
        "writer of authorization",
        "all actions on assignments",
        "all actions of a provider",
        "deletes",
        "everything but changes",
        "Reader",
        "reads keys",
    ],
)
def test_principal_with_too_many_rights_is_reported(tmp_path: Path, allowed: Any, action: str) -> None:
    out = io.StringIO()
    with principal_of(tmp_path, allowed) as (_, principal):
        report = report_of(principal, [guid(1)])
        call_command("preflight", principal.directory.tenant.slug, stdout=out)
    assert report.excessive == (((guid(1), action),) if action else ())
    shown = "Owner or Contributor" if action == "*" else action
    assert ("has too many rights" in out.getvalue()) == bool(action)
    assert (f"subscription {guid(1)}: {shown}\n" in out.getvalue()) == bool(action)
    assert report.not_judged == (), "it can still be assessed"
    assert from_plain(as_plain(report)).excessive == report.excessive


def test_application_permissions_that_permit_changes_are_reported(tmp_path: Path) -> None:
    out = io.StringIO()
    with principal_of(tmp_path, graph=[*APP_ROLES, "RoleManagement.ReadWrite.Directory", "Mail.Read"]) as (
        _,
        principal,
    ):
        report = report_of(principal, [guid(1)])
        call_command("preflight", principal.directory.tenant.slug, stdout=out)
    assert report.excessive == (("", "RoleManagement.ReadWrite.Directory"),)
    assert "has too many rights" in out.getvalue()
    assert "    directory: application permission RoleManagement.ReadWrite.Directory\n" in out.getvalue()
    assert from_plain(as_plain(report)).excessive == report.excessive


def test_directory_roles_of_the_principal_are_reported(tmp_path: Path) -> None:
    out = io.StringIO()
    with principal_of(tmp_path, *directory_role("Global Administrator")) as (_, principal):
        report = report_of(principal, [guid(1)])
        call_command("preflight", principal.directory.tenant.slug, stdout=out)
    assert report.excessive == (("", "directory role Global Administrator"),)
    assert "    directory: directory role Global Administrator\n" in out.getvalue()
    assert from_plain(as_plain(report)).excessive == report.excessive


def test_directory_roles_for_reading_are_not_excessive(tmp_path: Path) -> None:
    with principal_of(tmp_path, *directory_role("Global Reader")) as (_, principal):
        assert report_of(principal, [guid(1)]).excessive == ()


def test_unreadable_application_permissions_are_not_called_excessive(tmp_path: Path) -> None:
    out = io.StringIO()
    with principal_of(tmp_path, graph=["Mail.Send"]) as (_, principal):
        report = report_of(principal, [guid(1)])
        with pytest.raises(CommandError):
            call_command("preflight", principal.directory.tenant.slug, stdout=out)
    assert report.excessive == ()
    assert "Application permissions are unknown: missing permission (Application.Read.All)" in out.getvalue()
