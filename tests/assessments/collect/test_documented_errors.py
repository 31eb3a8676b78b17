"""Errors that Microsoft documents for a provider: their sentences, the other verdicts, and that no error causes a
pass."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from azure.core.exceptions import HttpResponseError

from assessments.collect.failures import gap_of
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from assessments.evaluate import evaluate
from assessments.management.sandboxed import serve
from sandbox.documented_errors import ERRORS
from tests.assessments.collect import azure
from tests.assessments.collect.test_failures import response
from tests.assessments.official.estates import controls_of, official, official_estate

FORBIDDEN, MISSING, LICENCE = Reason.FORBIDDEN, Reason.NOT_FOUND, Reason.LICENCE_MISSING
REFUSED, NOT_FOUND = "Azure refused the request (", "Not found in Azure ("
BUSY, BROKEN = "Azure throttled the requests for too long (", "Azure returned a server error ("
UNSIGNED = "The service principal could not sign in ("


class Refusal(NamedTuple):
    """A documented error of a request, the reason of the gap, and how its sentence starts."""

    collection: str
    code: str
    reason: Reason | None
    text: str = ""

    def __str__(self) -> str:
        return f"{self.collection}-{self.code}"


REFUSALS = [
    Refusal("sql_databases", "SubscriptionDoesNotHaveServer", MISSING, NOT_FOUND),
    Refusal("sql_firewall_rules", "ServerNotInSubscriptionResourceGroup", MISSING, NOT_FOUND),
    Refusal("sql_server_auditing", "SubscriptionDoesNotHaveServer", MISSING, NOT_FOUND),
    Refusal("sql_server_auditing", "ServerNotInSubscriptionResourceGroup", MISSING, NOT_FOUND),
    Refusal("sql_database_auditing", "DatabaseDoesNotExist", MISSING, NOT_FOUND),
    Refusal("sql_database_auditing", "SourceDatabaseNotFound", MISSING, NOT_FOUND),
    Refusal("sql_database_auditing", "BlobAuditingIsNotSupportedOnResourceType", Reason.BAD_ANSWER, REFUSED),
    Refusal("sql_database_auditing", "DatabaseIsUnavailable", Reason.SERVER_ERROR, BROKEN),
    Refusal("sql_alert_policies", "GetServerSecurityAlertPolicyFailed", Reason.SERVER_ERROR, BROKEN),
    Refusal("sql_alert_policies", "DataSecurityInvalidUserSuppliedParameter", Reason.BAD_ANSWER, REFUSED),
    Refusal("sql_alert_policies", "ServerSecurityAlertPolicyInProgress", Reason.BAD_ANSWER, REFUSED),
    Refusal("sql_audit_settings", "ResourceTypeNotSupported", Reason.BAD_ANSWER, REFUSED),
    Refusal("managed_instance_audit_settings", "ResourceTypeNotSupported", Reason.BAD_ANSWER, REFUSED),
    Refusal("activity_log_alerts", "GatewayTimeout", Reason.SERVER_ERROR, BROKEN),
    Refusal("flow_logs", "ParentResourceNotFound", MISSING, NOT_FOUND),
    Refusal("flow_logs", "ResourceGroupBeingDeleted", Reason.BAD_ANSWER, REFUSED),
    Refusal("network_watchers", "GatewayTimeout", Reason.SERVER_ERROR, BROKEN),
    Refusal("virtual_machine_extensions", "ParentResourceNotFound", MISSING, NOT_FOUND),
    Refusal("virtual_machine_instance_views", "OperationNotAllowed", Reason.THROTTLED, BUSY),
    Refusal("virtual_machine_statuses", "OperationNotAllowed", Reason.THROTTLED, BUSY),
    Refusal("disks", "ExpiredAuthenticationToken", Reason.UNAUTHENTICATED, UNSIGNED),
    # The account or workspace was deleted, so it retains no logs.
    Refusal("foreign_log_accounts", "ResourceGroupNotFound", None),
    Refusal("workspaces", "ResourceGroupNotFound", None),
    Refusal("users", "Authorization_RequestDenied", FORBIDDEN, "Missing permission User.Read.All ("),
    Refusal("users", "Authorization_IdentityNotFound", Reason.UNAUTHENTICATED, UNSIGNED),
    Refusal("users", "Directory_ExpiredPageToken", Reason.BAD_ANSWER, REFUSED),
    Refusal("users", "TooManyRequests", Reason.THROTTLED, BUSY),
    Refusal("group_members", "Request_ResourceNotFound", MISSING, NOT_FOUND),
    Refusal("domains", "Service_ServiceUnavailable", Reason.SERVER_ERROR, BROKEN),
    Refusal("conditional_access_policies", "Request_UnsupportedQuery", Reason.BAD_ANSWER, REFUSED),
    Refusal(
        "mfa_registrations",
        "Authentication_MSGraphPermissionMissing",
        FORBIDDEN,
        "Missing permission AuditLog.Read.All (",
    ),
    Refusal(
        "mfa_registrations",
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        LICENCE,
        "The directory lacks the licence Microsoft Entra ID P1 (",
    ),
    Refusal(
        "guest_sign_ins",
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        LICENCE,
        "The directory lacks the licence Microsoft Entra ID P1 (",
    ),
    Refusal(
        "directory_role_eligibilities",
        "AadPremiumLicenseRequired",
        LICENCE,
        "The directory lacks the licence Microsoft Entra ID P2 (",
    ),
    Refusal(
        "group_eligibilities",
        "PermissionScopeNotGranted",
        FORBIDDEN,
        "Missing permission PrivilegedEligibilitySchedule.Read.AzureADGroup (",
    ),
]
# Refusals despite which a verdict can be certain: (collection, code), with the reason.
DECIDED_OTHERWISE = {
    (
        "directory_role_eligibilities",
        "AadPremiumLicenseRequired",
    ): "without a licence, nobody can be eligible",
    (
        "mfa_registrations",
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    ): "security defaults are on, which require MFA from everybody",
}


def gap_for(refusal: Refusal, scope: str) -> Gap | None:
    found = ERRORS[refusal.code]
    error = HttpResponseError("x")
    error.response = response(found.status, found.body())
    return gap_of(error, ALL[refusal.collection], scope, "/path")


def kind_with(collection: Collection) -> UnitKind:
    return next(kind for kind in UnitKind if collection.name in official(kind))


def verdicts(kind: UnitKind, gap: Gap | None, name: str, scope: str) -> dict[tuple[str, str], str]:
    """Return the verdicts on the official bodies where the request for one scope of a collection was refused."""
    docs = official(kind)
    if gap is not None:
        docs[name].pop(scope)
    controls = controls_of(kind)
    estate = official_estate(kind, docs, controls)
    if gap is not None:
        estate.add_gap(gap)
    return {
        (result.control.slug, result.subject.casefold()): str(result.verdict.outcome)
        for result in evaluate(estate, controls)
    }


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_the_sentence_names_the_cause(refusal: Refusal) -> None:
    gap = gap_for(refusal, "")
    if refusal.reason is None:
        assert gap is None
        return
    assert gap is not None
    assert (gap.reason, gap.code) == (refusal.reason, refusal.code)
    text = describe_gap(gap)
    assert text.startswith(refusal.text + ALL[refusal.collection].title), text
    assert f"{ERRORS[refusal.code].status} {refusal.code}" in text


@pytest.mark.parametrize("refusal", [refusal for refusal in REFUSALS if refusal.reason], ids=str)
def test_no_verdict_passes_by_a_refusal_and_others_stay(refusal: Refusal) -> None:
    collection = ALL[refusal.collection]
    kind = kind_with(collection)
    scope = next(iter(official(kind)[collection.name]))
    before = verdicts(kind, None, collection.name, scope)
    after = verdicts(kind, gap_for(refusal, scope), collection.name, scope)
    readers = {c.slug for c in controls_of(kind) if collection in (*c.needs, *c.optional)}
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {slug for slug, _ in changed} <= readers
    if (refusal.collection, refusal.code) not in DECIDED_OTHERWISE:
        assert {after.get(key) for key in changed} <= {"unknown", None}


def test_security_defaults_replace_registrations_only_without_a_licence() -> None:
    docs = official(UnitKind.DIRECTORY)
    docs["security_defaults"][""][0]["isEnabled"] = False
    del docs["mfa_registrations"]
    controls = [
        control for control in controls_of(UnitKind.DIRECTORY) if control.slug.startswith("identity-mfa")
    ]
    estate = official_estate(UnitKind.DIRECTORY, docs, controls)
    gap = gap_for(
        Refusal("mfa_registrations", "Authentication_RequestFromNonPremiumTenantOrB2CTenant", LICENCE), ""
    )
    assert gap is not None
    estate.add_gap(gap)
    outcomes = {str(result.verdict.outcome) for result in evaluate(estate, controls)}
    assert "pass" not in outcomes


def test_the_sandbox_answers_with_documented_errors(tmp_path: Path) -> None:
    unit = azure.guid(1)
    group = f"/subscriptions/{unit}/resourceGroups/rg-data"
    server = f"{group}/providers/Microsoft.Sql/servers/sql1"
    eligible = "roleManagement/directory/roleEligibilityScheduleInstances"
    refused = {
        f"{server}/extendedAuditingSettings/default": "ServerNotInSubscriptionResourceGroup",
        f"{server}/securityAlertPolicies/Default": "DataSecurityInvalidUserSuppliedParameter",
        f"/v1.0/{eligible}": "AadPremiumLicenseRequired",
    }
    answers: list[azure.Line] = [{"answer": {"path": path, "error": code}} for path, code in refused.items()]
    lines = [azure.directory(), *azure.subscription(unit), {"graph": "users", "value": []}]
    with serve(azure.write(tmp_path / "plain.jsonl", lines)) as served:
        plain = azure.judge(azure.session(served), unit)
    with serve(azure.write(tmp_path / "refused.jsonl", [*lines, *answers])) as served:
        found = azure.judge(azure.session(served), unit)
        directory = azure.judge(
            azure.session(served),
            azure.DIRECTORY,
            kind=UnitKind.DIRECTORY,
            subscriptions=(unit,),
            sections=("identity",),
        )
    affected = {"sql-server-auditing", "sql-threat-alerts-contact", "sql-threat-alerts-owners"}
    affected |= {"sql-threat-detection", "sql-threat-detection-types"}
    for slug in affected:
        assert found.verdict(slug, "sql1") == "unknown"
    reason = found.results["sql-server-auditing", server.casefold()].verdict.reason
    assert reason.startswith(
        "Not found in Azure (SQL server auditing, 404 ServerNotInSubscriptionResourceGroup"
    )
    reason = found.results["sql-threat-detection", server.casefold()].verdict.reason
    assert reason.startswith("Azure refused the request (SQL threat detection, 400 DataSecurity")
    for key, result in plain.results.items():
        if key[0] not in affected:
            assert found.results[key].verdict == result.verdict, key
    gap = directory.estate.answer("directory_role_eligibilities", "")
    assert gap is not None
    assert gap.gap is not None
    assert describe_gap(gap.gap) == (
        "The directory lacks the licence Microsoft Entra ID P2"
        " (Eligible directory roles (PIM), 400 AadPremiumLicenseRequired)"
    )


def test_every_documented_error_has_a_case() -> None:
    assert set(ERRORS) == {refusal.code for refusal in REFUSALS}
