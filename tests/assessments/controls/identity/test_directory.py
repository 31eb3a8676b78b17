"""Tests of directory controls in addition to their cases: observed values, evidence without names of people, and
defaults that depend on the cloud.
"""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.estate.estate import Estate, UnitKind
from assessments.evaluate import evaluate
from tests.assessments.controls.identity.cases_auth_methods import ALL, FIDO, STRONG, method, methods
from tests.assessments.controls.identity.cases_guests import (
    NEEDED,
    guest_with_roles,
    guests,
    sign_in_activity,
)
from tests.assessments.controls.identity.cases_mfa import ADA_IS, WRITERS, writer
from tests.assessments.controls.identity.cases_passwords_and_federation import passwords, rules
from tests.assessments.controls.identity.directory_documents import (
    BOB,
    CONTRIBUTOR,
    GUEST,
    OWNER,
    assignment,
    guest,
    registered,
    user,
)
from tests.assessments.controls.judging import DIRECTORY, NOW, SUB, TENANT, judge


def test_a_new_guest_changes_the_observed_value() -> None:
    one = judge(NEEDED, guests(guest(), sign_in_activity("2026-11-20T00:00:00Z")))[DIRECTORY]
    other = judge(NEEDED, {"users": [guest(), guest(BOB)]})[DIRECTORY]
    again = judge(NEEDED, {"users": [guest(displayName="renamed")]})[DIRECTORY]
    assert one.observed["guests"] == [GUEST]
    assert one.observed_sha256 == again.observed_sha256
    assert one.observed["listSha256"] != other.observed["listSha256"]


def test_each_assignment_of_a_user_is_observed_once() -> None:
    twice = [assignment(name="2", role=CONTRIBUTOR), assignment(name="1"), assignment(name="1")]
    result = judge(WRITERS, writer(registered(capable=False), role_assignments=twice))[ADA_IS]
    shown = [(entry["assignment"][-1], entry["role"]) for entry in result.observed["assignments"]]
    assert shown == [("1", OWNER), ("2", CONTRIBUTOR)]


def test_evidence_contains_no_personal_names() -> None:
    result = judge(
        WRITERS,
        writer(
            registered(capable=False),
            users=[user(displayName="Ada Lovelace", userPrincipalName="ada.lovelace@example.com")],
        ),
    )[ADA_IS]
    assert {item.collection for item in result.evidence} == {"users", "mfa_registrations"}
    assert "Ada Lovelace" not in str(result.evidence)
    assert "ada.lovelace" not in str(result.evidence)


def test_an_assignment_seen_in_two_subscriptions_is_judged_once() -> None:
    second = "/subscriptions/10000000-0000-0000-0000-000000000002"
    docs = guest_with_roles()
    shared = assignment(GUEST, OWNER, scope="/providers/Microsoft.Management/managementGroups/root")
    estate = Estate(kind=UnitKind.DIRECTORY, unit_id=TENANT, subscriptions=[SUB, second], now=NOW)
    for scope in (SUB, second):
        estate.add_documents("role_assignments", scope, [shared])
        estate.add_documents("role_definitions", scope, docs["role_definitions"])
        estate.add_documents("role_eligibilities", scope, [])
        estate.add_documents("registration_assignments", scope, [])
    for name in ("users", "directory_role_assignments", "directory_role_eligibilities", "group_members"):
        estate.add_documents(name, "", docs.get(name, []))
    rule = catalogue()["identity-guests-azure-permissions"]
    results = list(evaluate(estate, [rule]))
    assert [(r.subject, r.verdict.outcome.value) for r in results] == [(f"{DIRECTORY}/users/{GUEST}", "fail")]
    assert len(results[0].observed["assignments"]) == 1


def test_the_default_lockout_depends_on_the_cloud() -> None:
    slug = "identity-password-policy"
    attempts = {
        cloud: judge(slug, passwords(), cloud=cloud)[DIRECTORY].observed["lockoutThreshold"]
        for cloud in ("AzureCloud", "AzureUSGovernment", "AzureUSGovernmentDoD", "AzureChinaCloud")
    }
    assert attempts == {
        "AzureCloud": 10,
        "AzureUSGovernment": 3,
        "AzureUSGovernmentDoD": 3,
        "AzureChinaCloud": 10,
    }
    own = judge(slug, passwords(rules(LockoutThreshold="5")), cloud="AzureUSGovernment")[DIRECTORY]
    assert own.observed["lockoutThreshold"] == 5


def test_a_remark_announces_the_end_of_text_messages_in_the_public_cloud() -> None:
    remark = (
        "Microsoft itself sends text messages and makes calls only until 1 February 2027 (for Global"
        " Administrators and external users, until 1 July 2027)"
    )
    text_messages = methods(FIDO, method("Sms", ALL))
    public = judge(STRONG, text_messages, cloud="AzureCloud")[DIRECTORY].verdict
    assert (public.outcome, remark in public.remarks) == ("fail", True)
    accepted = judge(STRONG, text_messages, params={"allow_sms_voice": True}, cloud="AzureCloud")[
        DIRECTORY
    ].verdict
    assert (accepted.outcome, remark in accepted.remarks) == ("pass", True)
    for docs, cloud in ((text_messages, "AzureUSGovernment"), (methods(FIDO, method("Sms")), "AzureCloud")):
        assert remark not in judge(STRONG, docs, cloud=cloud)[DIRECTORY].verdict.remarks
