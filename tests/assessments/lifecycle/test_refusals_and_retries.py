"""An assessment that cannot read everything still comes to its end. Its unknown verdicts have reasons, and no verdict
is a false pass.
"""

from __future__ import annotations

from typing import Any

import pytest

from assessments.actions.start import retry
from assessments.controls.registry import catalogue
from assessments.errors import AlreadyRunning, NotActive, NothingToAssess
from assessments.models import Assessment, Finding, Unit
from tenants.actions import rotate_credential, set_principal_enabled
from tenants.models import Directory, JournalEntry, ServicePrincipal, Subscription
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import (
    DIRECTORY,
    SECRET,
    Line,
    answer,
    directory,
    guid,
    subscription,
)
from tests.assessments.sandboxed_customer import BY, Azure, Customer, sent, work
from tests.sandbox.estates import certificate

pytestmark = pytest.mark.slow(seconds=15)

FIRST, SECOND = guid(1), guid(2)
SCOPE = f"/subscriptions/{FIRST}"
OTHER_DIRECTORY = "90000000-0000-0000-0000-0000000000ff"
HTTPS = "storage-secure-transfer"
GRAPH = [
    {
        "graph": "policies/authorizationPolicy",
        "value": {"id": "authorizationPolicy", "allowInvitesFrom": "none"},
    }
]


def estate(*more: Line, **client: Any) -> list[Line]:
    return [directory(**client), *subscription(FIRST), *more]


def nothing_is_known(customer: Customer) -> bool:
    """Return whether all findings are unknown, except manual ones."""
    rows = customer.findings(gone_at=None)
    manual = {control for (control, _), row in rows.items() if row.outcome == "manual"}
    return {row.outcome for row in rows.values() if row.control not in manual} == {"unknown"} and all(
        catalogue()[control].is_manual for control in manual
    )


def test_a_tenant_without_a_principal_cannot_be_assessed(customer: Customer) -> None:
    with pytest.raises(NothingToAssess, match="no service principal yet"):
        customer.start()
    assert sent() == []


def test_second_assessment_is_refused_while_one_runs(azure: Azure, customer: Customer) -> None:
    azure.serve(estate())
    customer.add()
    first = customer.start()
    with pytest.raises(AlreadyRunning, match="is already running"):
        customer.start()
    work()
    assert customer.assess().number == first.number + 1


def test_assessment_numbers_count_within_the_tenant(azure: Azure, customer: Customer) -> None:
    azure.serve(estate())
    customer.add()
    other = Customer(azure)
    other.add()
    assert [customer.assess().number, other.assess().number, customer.assess().number] == [1, 1, 2]


REFUSED = {
    "wrong secret": ({}, {"secret": "not~the.secret"}, "AADSTS7000215", "The secret is wrong"),
    "unknown application": ({}, {"client_id": guid(77)}, "AADSTS700016", "does not know this application"),
    "unknown directory": ({}, {"directory_id": guid(78)}, "AADSTS90002", "does not exist in this cloud"),
    "expired secret": ({"secretExpires": "2026-01-01T00:00:00Z"}, {}, "AADSTS7000222", "has expired"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_principal_makes_everything_unknown(name: str, azure: Azure, customer: Customer) -> None:
    client, given, code, words = REFUSED[name]
    azure.serve(estate(**client))
    principal = customer.add(**given)
    assessment = customer.assess()
    assert (assessment.state, assessment.units_total, assessment.units_ended) == ("finished", 1, 1)
    (unit,) = customer.units(assessment).values()
    assert (unit.kind, unit.state, unit.error_code) == ("directory", "failed", code)
    assert words in unit.error
    findings = customer.findings()
    assert {row.outcome for row in findings.values()} == {"unknown"}
    assert {row.unknown_because for row in findings.values()} == {"unauthenticated"}
    assert {gap["code"] for gap in unit.gaps} == {code}
    assert assessment.summary["score"] is None
    assert assessment.summary["coverage"] == 0
    with tenant_scope(customer.tenant.pk):
        assert ServicePrincipal.objects.get(pk=principal.pk).last_error_code == code
        # An assessment that could read nothing is not recorded in the journal as finished.
        assert JournalEntry.objects.get(action="assessment.end").details["state"] == "failed"
    everything = repr([unit.gaps, unit.error, assessment.summary, [f.reason for f in findings.values()]])
    assert SECRET not in everything
    assert "not~the.secret" not in everything


def test_expired_certificate_makes_everything_unknown(azure: Azure, customer: Customer) -> None:
    public, both = certificate(expired=True)
    azure.serve(estate(secret=None, certificate=public))
    with pytest.raises(Exception, match="expired"):
        customer.add(certificate=both.decode())


def test_certificate_unknown_to_entra_makes_everything_unknown(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(secret=None, certificate=certificate()[0]))
    customer.add(certificate=factories.certificate_pem())
    assessment = customer.assess()
    (unit,) = customer.units(assessment).values()
    assert (assessment.state, unit.state, unit.error_code) == ("finished", "failed", "AADSTS700027")


def test_revoked_secret_turns_every_pass_into_unknown(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(*GRAPH))
    principal = customer.add()
    customer.assess()
    assert "pass" in customer.outcomes(unit=SCOPE).values()
    assert "pass" in customer.outcomes(unit=f"directory:{DIRECTORY}").values()
    with tenant_scope(customer.tenant.pk):
        rotate_credential(by=BY, service_principal=principal, secret="of-yesterday~1")
    second = customer.assess()
    units = customer.units(second)
    assert {key: unit.state for key, unit in units.items()} == {
        SCOPE: "failed", f"directory:{DIRECTORY}": "failed"
    }  # fmt: skip
    assert second.state == "finished"
    # The findings of the first assessment are unknown: none of them is gone, and none passes.
    assert set(customer.outcomes(state="gone")) == set()
    assert nothing_is_known(customer)
    third = customer.assess()
    assert customer.changes(third) == []
    with tenant_scope(customer.tenant.pk):
        rotate_credential(by=BY, service_principal=principal, secret=SECRET)
    customer.assess()
    assert customer.outcomes()[HTTPS, "bsafe"] == "pass"
    assert "unknown" not in {o for (control, _), o in customer.outcomes(unit=SCOPE, gone_at=None).items()
                             if control == HTTPS}  # fmt: skip


def test_a_principal_without_visible_subscriptions_makes_findings_unknown(
    azure: Azure, customer: Customer
) -> None:
    azure.serve(estate(*GRAPH, subscriptions=[]))
    customer.add()
    assessment = customer.assess()
    (unit,) = customer.units(assessment).values()
    assert (assessment.state, unit.kind, unit.state) == ("finished", "directory", "done")
    assert unit.error_code == "no_subscriptions"
    assert "Assign it the Reader role" in unit.error
    assert customer.outcomes()["identity-guests-cannot-invite", f"directory:{DIRECTORY}"] == "pass"


def test_disabled_subscription_is_read(azure: Azure, customer: Customer) -> None:
    lines = estate(*subscription(SECOND))
    for line in lines:
        if line.get("id") == f"/subscriptions/{SECOND}":
            line["state"] = "Disabled"
    azure.serve(lines)
    customer.add()
    assessment = customer.assess()
    assert customer.units(assessment)[f"/subscriptions/{SECOND}"].state == "done"
    with tenant_scope(customer.tenant.pk):
        assert Subscription.objects.get(subscription_id=SECOND).state == "Disabled"
    # Azure still allows reading disabled subscriptions.
    assert customer.outcomes(unit=f"/subscriptions/{SECOND}")[HTTPS, "aplain"] == "fail"


def test_a_disabled_subscription_that_refuses_reads_is_unknown(azure: Azure, customer: Customer) -> None:
    refusal = {"error": {"code": "ReadOnlyDisabledSubscription", "message": "The subscription is disabled."}}
    path = f"/subscriptions/{SECOND}/providers/Microsoft.Storage/storageAccounts"
    azure.serve(estate(*subscription(SECOND), answer(path, 409, refusal)))
    customer.add()
    customer.assess()
    row = customer.findings(unit=f"/subscriptions/{SECOND}")[HTTPS, SECOND]
    assert (row.outcome, row.unknown_because) == ("unknown", "subscription_disabled")
    assert customer.outcomes(unit=SCOPE)[HTTPS, "bsafe"] == "pass"


def test_excluded_subscription_is_not_read(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(*subscription(SECOND)))
    customer.add()
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        Subscription.objects.filter(subscription_id=SECOND).update(included=False)
    azure.now.reset_counts()
    second = customer.assess()
    assert set(customer.units(second)) == {SCOPE, f"directory:{DIRECTORY}"}
    assert not [path for _, path, _ in azure.now.request_counts() if SECOND in path]


def test_unreachable_directory_does_not_affect_another(azure: Azure, customer: Customer) -> None:
    azure.serve(estate())
    customer.add(name="Reached")
    customer.add(OTHER_DIRECTORY, guid(9), name="Closed port")
    with tenant_scope(customer.tenant.pk):
        nowhere = dict.fromkeys(("authority", "arm", "graph"), "https://127.0.0.1:1")
        settings = {**azure.cloud(), **nowhere, "arm_scope": "https://127.0.0.1:1/.default"}
        Directory.objects.filter(directory_id=OTHER_DIRECTORY).update(cloud_settings=settings)
    assessment = customer.assess()
    units = customer.units(assessment)
    assert assessment.state == "finished"
    assert units[f"directory:{OTHER_DIRECTORY}"].state == "failed"
    assert units[f"directory:{OTHER_DIRECTORY}"].error
    assert {units[SCOPE].state, units[f"directory:{DIRECTORY}"].state} == {"done"}
    assert customer.outcomes(unit=SCOPE)[HTTPS, "bsafe"] == "pass"
    assert set(customer.outcomes(unit=f"directory:{OTHER_DIRECTORY}").values()) == {"unknown"}
    assert assessment.summary["units"]["failed"] == 1


def test_retry_assesses_only_failed_units(azure: Azure, customer: Customer) -> None:
    path = f"/subscriptions/{SECOND}/providers/Microsoft.Storage/storageAccounts"
    no = answer(path, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    two = [*GRAPH, *subscription(SECOND)]
    azure.serve(estate(*two, no))
    customer.add()
    first = customer.assess()
    customer.azure_is(estate(*two))
    with_gaps = {key for key, unit in customer.units(first).items() if unit.gaps}
    assert SCOPE not in with_gaps
    assert f"/subscriptions/{SECOND}" in with_gaps
    before = customer.written()["Finding"]
    with tenant_scope(customer.tenant.pk):
        again = retry(assessment=first, by=BY)
    work()
    again = customer.read(again)
    assert (again.trigger, again.state, set(again.only)) == ("retry", "finished", with_gaps)
    assert set(customer.units(again)) == with_gaps
    assert customer.outcomes(unit=f"/subscriptions/{SECOND}")[HTTPS, "bsafe"] == "pass"
    ours = {row.pk for row in customer.findings(unit=SCOPE).values()}
    now = customer.written()["Finding"]
    assert {pk: now[pk] for pk in ours} == {pk: before[pk] for pk in ours}


def test_retry_is_refused_if_nothing_failed(azure: Azure, customer: Customer) -> None:
    azure.serve(estate())
    customer.add()
    assessment = customer.assess()
    with tenant_scope(customer.tenant.pk):
        Unit.objects.filter(assessment=assessment).update(gaps=[])
        with pytest.raises(NotActive, match="nothing to retry"):
            retry(assessment=assessment, by=BY)
        assert Assessment.objects.filter(tenant=customer.tenant).count() == 1


@pytest.mark.parametrize("change", ["removed", "disabled"])
def test_removing_or_disabling_the_principal_during_the_assessment_makes_findings_unknown(
    change: str, azure: Azure, customer: Customer
) -> None:
    azure.serve(estate())
    principal = customer.add()
    assessment = customer.start()
    ((task, arguments),) = sent()
    assert task == "assessments.tasks.prepare"
    from assessments.actions.prepare import prepare

    prepare(tenant_id=arguments[0], assessment_id=arguments[1])
    with tenant_scope(customer.tenant.pk):
        if change == "removed":
            Unit.objects.filter(assessment=assessment).update(service_principal=None)
        else:
            set_principal_enabled(by=BY, service_principal=principal, enabled=False)
    work()
    assessment = customer.read(assessment)
    assert assessment.state == "finished"
    codes = {unit.error_code for unit in customer.units(assessment).values()}
    assert codes == {f"service_principal_{change}"}
    assert nothing_is_known(customer)
    assert principal.pk is not None


def test_another_tenant_sees_nothing_of_the_assessment(azure: Azure, customer: Customer) -> None:
    azure.serve(estate())
    customer.add()
    customer.assess()
    with tenant_scope(factories.tenant().pk):
        assert not Finding.objects.exists()
        assert not Assessment.objects.exists()
