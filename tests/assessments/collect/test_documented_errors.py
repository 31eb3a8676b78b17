"""Errors that Microsoft documents for a provider: each is explained in a sentence, causes no pass, and changes only
verdicts that need the refused collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError

from assessments.collect.failures import gap_of
from assessments.estate.collection import Collection, Source
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.estate.gap_texts import describe_gap, permission_words
from assessments.estate.gaps import Gap, Reason
from assessments.evaluate import Result, evaluate
from assessments.management.sandboxed import serve
from sandbox.documented_errors import ERRORS
from tests.assessments.collect import azure
from tests.assessments.collect.documented_refusals import (
    OPTIONAL_DOCUMENTS,
    Refusal,
    refusals_of,
)
from tests.assessments.collect.responses import response
from tests.assessments.controls.bad_input import NEED_CONTACT
from tests.assessments.official.estates import controls_of, official, official_estate, variant
from tests.assessments.rejudging import Judged
from tests.for_each import for_each

pytestmark = pytest.mark.slow(seconds=25)

SENTENCES = {
    Reason.UNAUTHENTICATED: "The service principal could not sign in (",
    Reason.NOT_FOUND: "Not found in Azure (",
    Reason.THROTTLED: "Azure throttled the requests for too long (",
    Reason.SERVER_ERROR: "Azure returned a server error (",
    Reason.BAD_ANSWER: "Azure refused the request (",
    Reason.SUBSCRIPTION_DISABLED: "The subscription is disabled (",
}
# {(collection, error code): why no verdict need be unknown after this refusal}
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


# {collection: controls that may give another verdict than pass or unknown if a request for the collection is refused}
DECIDED_WITHOUT = {
    # If the list is refused, log accounts are read one by one. In this test, those of the subscription are not found,
    # so logging-storage-private fails, and the other controls are not applicable.
    "storage_accounts": {
        "logging-storage-encryption",
        "logging-storage-private",
        "logging-storage-secure-transfer",
    },
    # A 404 means that there is no contact, so these controls fail.
    "security_contacts": NEED_CONTACT,
    # Without the states of Azure Policy, the keys and secrets of the vault decide the verdict.
    "certificate_policy_states": {"keyvault-certificate-validity"},
}
# The collections that are read from Azure. People import the documents of the remaining collections.
REQUESTED = {name for name, collection in ALL.items() if collection.source is not Source.IMPORTED}
Verdicts = dict[tuple[str, str], str]


def gap_for(refusal: Refusal, scope: str) -> Gap | None:
    error = HttpResponseError("x")
    error.response = response(refusal.status, refusal.error.body())
    return gap_of(error, ALL[refusal.collection], scope, "/path")


def kind_with(collection: Collection) -> UnitKind:
    return next(kind for kind in UnitKind if collection.name in official(kind))


@cache
def judged_bodies(kind: UnitKind) -> Judged:
    controls = controls_of(kind)
    return Judged(official_estate(kind, official(kind), controls), controls)


def outcomes(results: Iterable[Result]) -> Verdicts:
    return {(one.control.slug, one.subject.casefold()): str(one.verdict.outcome) for one in results}


@cache
def unharmed(kind: UnitKind) -> Verdicts:
    """Return the verdicts on Microsoft's example bodies, without a refusal."""
    return outcomes(judged_bodies(kind).results())


def refused(kind: UnitKind, gap: Gap | None, name: str, scope: str) -> Verdicts:
    """Return the verdicts after the request for one scope of a collection was refused.

    If the refusal causes no gap (`gap` is None), the request counts as read, without documents.
    """
    answers = official(kind)[name]
    answers.pop(scope)
    if gap is None:
        answers[scope] = []
    estate = variant(kind, {name: answers})
    if gap is not None:
        estate.add_gap(gap)
    return outcomes(judged_bodies(kind).rejudge(estate))


def test_every_collection_has_its_documented_errors() -> None:
    assert {name for name in REQUESTED if ALL[name].error_codes is None} == set(), "declare error_codes"
    assert {code for one in ALL.values() for code in one.error_codes or ()} <= set(ERRORS)


def test_every_documented_error_belongs_to_a_collection() -> None:
    assert {refusal.code for name in REQUESTED for refusal in refusals_of(name)} == set(ERRORS)


def test_every_document_that_may_be_absent_is_stated_beside_the_example() -> None:
    found = {name for name, collection in ALL.items() if collection.absent_is_none}
    assert found == OPTIONAL_DOCUMENTS, "MAY_BE_ABSENT of tests/assessments/official/bodies*.py"


@for_each("name", sorted(REQUESTED))
def test_each_documented_error_becomes_a_sentence_with_its_cause(name: str) -> None:
    collection = ALL[name]
    starts = SENTENCES | {
        Reason.FORBIDDEN: f"Missing permission {permission_words(collection.permission, collection)} (",
        Reason.LICENCE_MISSING: f"The directory lacks the licence {collection.licence} (",
    }
    for refusal in refusals_of(name):
        gap = gap_for(refusal, "")
        assert (gap.reason if gap else None) == refusal.reason, refusal
        if gap is None:
            continue
        assert gap.code == refusal.code
        text = describe_gap(gap)
        assert text.startswith(starts[gap.reason] + collection.title), (refusal, text)
        assert f"{refusal.status} {refusal.code}" in text


@pytest.mark.parametrize("name", sorted(REQUESTED))
def test_a_documented_error_adds_no_pass_and_changes_no_unrelated_verdict(name: str) -> None:
    collection = ALL[name]
    kind = kind_with(collection)
    scope = next(iter(official(kind)[name]))
    before = unharmed(kind)
    readers = {c.slug for c in controls_of(kind) if collection in (*c.needs, *c.optional)}
    found: dict[tuple[Reason | None, int, bool], Verdicts] = {}
    for refusal in refusals_of(name):
        gap = gap_for(refusal, scope)
        # Verdicts depend on the reason and status of a gap, and on whether its code is SubscriptionNotFound. So judge
        # only one refusal for each combination.
        key = (refusal.reason, refusal.status if gap else 0, refusal.code == "SubscriptionNotFound")
        if key not in found:
            found[key] = refused(kind, gap, name, scope)
        after = found[key]
        changed = {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
        assert {slug for slug, _ in changed} <= readers, refusal
        if gap is None:
            assert "pass" not in {after.get(each) for each in changed}, (refusal, changed)
        elif (name, refusal.code) not in DECIDED_OTHERWISE:
            decided = {each[0] for each in changed if after.get(each) not in {"unknown", None}}
            assert decided <= DECIDED_WITHOUT.get(name, set()), refusal
            assert "pass" not in {after.get(each) for each in changed}, refusal


def test_security_defaults_replace_registrations_only_without_a_licence() -> None:
    docs = official(UnitKind.DIRECTORY)
    docs["security_defaults"][""][0]["isEnabled"] = False
    del docs["mfa_registrations"]
    controls = [
        control for control in controls_of(UnitKind.DIRECTORY) if control.slug.startswith("identity-mfa")
    ]
    estate = official_estate(UnitKind.DIRECTORY, docs, controls)
    gap = gap_for(
        Refusal("mfa_registrations", 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"), ""
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
