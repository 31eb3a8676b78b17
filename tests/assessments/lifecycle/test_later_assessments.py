"""Later assessments, with and without changes in the customer's Azure."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from assessments.controls.profiles import REMOVED
from assessments.models import Assessment, Finding, Resource, ResourceVersion
from assessments.presentation.not_judged import is_no_longer_judged
from portal.reports.facts.failures import count_failures
from tenants.scope import tenant_scope
from tests.assessments.collect.azure import answer
from tests.assessments.lifecycle.estates import FIRST, HTTPS, SCOPE, estate, with_account, without
from tests.assessments.sandboxed_customer import Customer


@pytest.mark.slow(seconds=1)
def test_nothing_is_written_if_nothing_changed(assessed: tuple[Customer, Assessment]) -> None:
    customer, first = assessed
    before = customer.written()
    assert all(before.values())
    second = customer.assess()
    assert customer.written() == before
    assert customer.changes(second) == []
    assert second.number == 2
    assert second.summary["counts"] == first.summary["counts"]
    ours, theirs = customer.units(second)[SCOPE], customer.units(first)[SCOPE]
    assert (ours.counts, ours.coverage, ours.manifest_id) == (
        theirs.counts,
        theirs.coverage,
        theirs.manifest_id,
    )


@pytest.mark.slow(seconds=2)
def test_finding_is_resolved_when_fixed_and_open_when_it_fails_again(
    assessed: tuple[Customer, Assessment],
) -> None:
    customer, _ = assessed
    old = customer.findings()
    before = customer.written()
    customer.azure_is(estate(first=with_account("aplain", supportsHttpsTrafficOnly=True)))
    second = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.pk, row.outcome, row.state) == (old[HTTPS, "aplain"].pk, "pass", "resolved")
    assert row.failing_since is None
    assert row.changed_at > row.first_seen_at == old[HTTPS, "aplain"].first_seen_at
    (change,) = [c for c in customer.changes(second) if c.finding.control == HTTPS]
    assert (change.before_outcome, change.after_outcome) == ("fail", "pass")
    assert (change.before_observed, change.after_observed) == (old[HTTPS, "aplain"].observed, row.observed)
    # Only findings that depend on the account were written.
    now = customer.written()
    touched = {pk for pk, xmin in now["Finding"].items() if before["Finding"].get(pk) != xmin}
    assert touched <= {r.pk for r in customer.findings().values() if "aplain" in r.subject}
    assert len(now["ResourceVersion"]) == len(before["ResourceVersion"]) + 1
    customer.azure_is(estate())
    third = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.outcome, row.state) == ("fail", "open")
    assert row.failing_since == row.changed_at > old[HTTPS, "aplain"].changed_at
    history = [(c.before_outcome, c.after_outcome) for c in customer.changes(finding=row)]
    assert history == [("", "fail"), ("fail", "pass"), ("pass", "fail")]
    assert [c.assessment_id for c in customer.changes(finding=row)][-1] == third.pk


@pytest.mark.slow(seconds=2)
def test_resolved_finding_stays_resolved(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    customer.azure_is(estate(first=with_account("aplain", supportsHttpsTrafficOnly=True)))
    customer.assess()
    assert customer.assess().number == 3
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.outcome, row.state) == ("pass", "resolved")
    assert len(customer.changes(finding=row)) == 2


@pytest.mark.slow(seconds=2)
def test_a_deleted_resource_that_returns_starts_anew(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    customer.azure_is(estate(first=without("storageAccounts/aplain")))
    second = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.state, row.outcome) == ("gone", "fail")
    assert row.gone_at is not None
    (change,) = customer.changes(second, finding=row)
    assert (change.before_outcome, change.after_outcome, change.after_observed) == ("fail", "gone", None)
    assert second.summary["counts"].get("fail", 0) == sum(
        r.outcome == "fail" and r.gone_at is None for r in customer.findings().values()
    )
    with tenant_scope(customer.tenant.pk):
        assert Resource.objects.get(name="aplain").gone_at is not None
        assert Resource.objects.get(name="bsafe").gone_at is None
    third = customer.assess()
    assert customer.changes(third) == []  # The resource is reported as gone only once.
    customer.azure_is(estate())
    fourth = customer.assess()
    back = customer.findings()[HTTPS, "aplain"]
    assert (back.pk, back.state, back.outcome, back.gone_at) == (row.pk, "open", "fail", None)
    (change,) = customer.changes(fourth, finding=row)
    assert (change.before_outcome, change.after_outcome) == ("gone", "fail")
    with tenant_scope(customer.tenant.pk):
        resource = Resource.objects.get(name="aplain")
        assert resource.gone_at is None
        # The resource came back with the same configuration, so there is no new version.
        assert ResourceVersion.objects.filter(resource=resource).count() == 1


@pytest.mark.slow(seconds=2)
def test_findings_become_unknown_when_their_list_cannot_be_read(
    assessed: tuple[Customer, Assessment],
) -> None:
    customer, _ = assessed
    accounts = {key for key in customer.findings() if key[0] == HTTPS}
    path = f"{SCOPE}/providers/Microsoft.Storage/storageAccounts"
    before = customer.findings()
    no = answer(path, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    customer.azure_is(estate(no, first=without("networkSecurityGroups/nsg1")))
    second = customer.assess()
    assert second.state == "finished"
    found = customer.findings()
    for key in accounts:
        assert (found[key].outcome, found[key].state) == ("unknown", "unknown"), key
        assert found[key].unknown_because == "forbidden"
        assert found[key].gone_at is None
        # An unknown verdict does not reset the time since which the finding fails.
        assert found[key].failing_since == before[key].failing_since
    storage = [r for r in found.values() if r.section == "storage"]
    assert {r.outcome for r in storage} == {"unknown"}
    assert found["sql-firewall-internet", "sql1"].outcome == "fail"
    unit = customer.units(second)[SCOPE]
    assert unit.state == "done"
    # The lists of the accounts' child resources could not be read either.
    assert {gap["reason"] for gap in unit.gaps} == {"forbidden"}
    (gap,) = [gap for gap in unit.gaps if gap["collection"] == "storage_accounts"]
    assert (gap["collection"], gap["reason"], gap["status"]) == ("storage_accounts", "forbidden", 403)
    assert gap["permission"] == "Microsoft.Storage/storageAccounts/read"
    assert unit.coverage["collections"]["storage_accounts"]["gaps"] == {"forbidden": 1}
    assert unit.coverage["collections"]["storage_accounts"]["reached"] == 0
    with tenant_scope(customer.tenant.pk):
        assert Resource.objects.get(name="aplain").gone_at is None
        assert Resource.objects.get(name="nsg1").gone_at is not None, "its list could be read"
    third = customer.assess()
    assert customer.changes(third) == []
    # When the permission is granted again, all findings are as before, and the finding about the whole unit is gone.
    customer.azure_is(estate())
    customer.assess()
    again = customer.findings()
    assert (again[HTTPS, "aplain"].outcome, again[HTTPS, "bsafe"].outcome) == ("fail", "pass")
    assert again[HTTPS, FIRST].state == "gone"


@pytest.mark.slow(seconds=1)
def test_ids_are_compared_without_case(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    before = customer.written()

    def shout(lines: list[Any]) -> list[Any]:
        for line in lines:
            line["id"] = (
                line["id"].replace("rg-data", "RG-DATA").replace("storageAccounts/a", "storageaccounts/A")
            )
        return lines

    customer.azure_is(estate(first=shout))
    second = customer.assess()
    now = customer.written()
    assert now["Finding"].keys() == before["Finding"].keys()
    assert now["Resource"].keys() == before["Resource"].keys()
    assert {c.after_outcome for c in customer.changes(second)} <= {
        c.outcome for c in customer.findings().values()
    }
    assert not [c for c in customer.changes(second) if c.before_outcome in ("", "gone")]
    assert "RG-DATA" in customer.findings()[HTTPS, "aplain"].subject


@pytest.mark.slow(seconds=2)
def test_findings_of_a_control_that_an_upgrade_removed_end_with_the_next_assessment(
    assessed: tuple[Customer, Assessment],
) -> None:
    """If the findings did not end, a failure that no control judges any more would be open forever."""
    customer, first = assessed
    with tenant_scope(customer.tenant.pk):
        Finding.objects.filter(control=HTTPS).update(control="storage-removed")
        removed = list(Finding.objects.filter(control="storage-removed", gone_at=None))
        failed = [row for row in removed if row.outcome == "fail"]
    assert failed
    second = customer.assess()
    changes = [change for change in customer.changes(second) if change.finding.control == "storage-removed"]
    assert {change.finding_id for change in changes} == {row.pk for row in removed}
    assert {(change.after_outcome, change.reason) for change in changes} == {("gone", REMOVED)}
    assert all(map(is_no_longer_judged, changes))
    assert second.summary["counts"] == first.summary["counts"], "the finding counts once, by its new control"
    with tenant_scope(customer.tenant.pk):
        assert not Finding.objects.filter(control="storage-removed", gone_at=None).exists()
        counts = count_failures(customer.tenant, first.created_at, timezone.now())
        ended = (counts.removed, counts.ended_with_settings, sum(counts.fixed.values()))
        assert ended == (0, 0, 0), "nothing changed in Azure"
    third = customer.assess()
    assert customer.changes(third) == []
