"""Sentences of reports about customers in unusual states, for example with only delegated subscriptions."""

from __future__ import annotations

import re

import pytest

from assessments.controls.profiles import REMOVED
from assessments.models import Assessment, Finding, FindingChange, Unit
from portal.reports.parts import results
from tenants.models import Organization, Person
from tests import factories
from tests.portal.reports.unusual_customers.assessed import (
    Customer,
    Read,
    assess,
    customer,
    facts_of,
    words_of,
)
from tests.portal.reports.unusual_customers.histories import (
    SMALL,
    cancelled_before_the_first,
    excluded,
    excluded_and_included,
    failing,
    held_to,
    lighthouse_only,
    number,
    other_catalogue,
    printed,
)


@pytest.mark.slow(seconds=3)
def test_sentences_on_delegated_subscriptions_agree(provider: Organization, engineer: Person) -> None:
    """This customer has only delegated subscriptions, so nothing is read from Microsoft Graph."""
    one = lighthouse_only(provider, engineer).customer
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
        full, register = printed(facts, "full"), printed(facts, "exceptions")
        Unit.objects.filter(tenant=one.tenant).update(is_delegated=False)
        own = printed(facts_of(one.tenant, kind="full"), "full")
    assert "only those that the managing organization assigned to this customer are in scope" in full
    assert "through Azure Lighthouse, are not in scope" not in full
    assert "Azure Resource Manager, over TLS" in full
    assert f"the service principals of {one.tenant.name} or of its managing organization" in register
    assert "through Azure Lighthouse, are not in scope" in own
    assert "Azure Resource Manager and Microsoft Graph, over TLS" in own


@pytest.mark.slow(seconds=1)
def test_an_assessment_that_was_cancelled_before_it_began_is_not_compared(
    provider: Organization, engineer: Person
) -> None:
    one = cancelled_before_the_first(provider, engineer).customer
    with factories.in_tenant(one.tenant):
        full = printed(facts_of(one.tenant, kind="full"), "full")
    assert "No earlier assessment with results is stored" in full
    assert "Verdicts compared with" not in full


@pytest.mark.slow(seconds=3)
def test_changes_name_no_new_failure_and_no_cause_that_did_not_exist(
    provider: Organization, engineer: Person
) -> None:
    """When a subscription is excluded, its failures end without a fix. When the subscription is included again, these
    failures are not new.
    """
    texts = []
    for make in (excluded, excluded_and_included):
        one = make(provider, engineer).customer
        with factories.in_tenant(one.tenant):
            texts.append(printed(facts_of(one.tenant, kind="full"), "full"))
    assert "because the resource is gone, or is no longer assessed or judged by the control" in texts[0]
    assert "4 changed to failing" in texts[1]
    assert not re.search(r"\d+ (began to fail|first verdicts? that fail)", texts[1])


@pytest.mark.slow(seconds=3)
def test_reports_say_that_the_catalogue_changed(provider: Organization, engineer: Person) -> None:
    for make, changed in ((other_catalogue, True), (excluded, False)):
        one = make(provider, engineer).customer
        with factories.in_tenant(one.tenant):
            facts = facts_of(one.tenant, kind="full")
            full, executive = printed(facts, "full"), printed(facts, "executive")
        assert ("The previous assessment used another catalogue of controls" in full) is changed
        assert ("The catalogue of controls changed meanwhile" in executive) is changed


@pytest.mark.slow(seconds=3)
def test_a_control_that_an_upgrade_removed_ends_with_the_next_assessment(
    provider: Organization, engineer: Person
) -> None:
    """Nobody can fix failures of a removed control, so they must count neither as open nor as fixed nor as deleted."""
    one = held_to(customer(provider, engineer), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    assess(one, units)
    began = failing(one)
    with factories.in_tenant(one.tenant):
        Finding.objects.filter(tenant=one.tenant, control="storage-pna-disabled").update(
            control="storage-old"
        )
        assert "storage-old (no longer in the catalogue)" in printed(
            facts_of(one.tenant, kind="full"), "full"
        )
    assess(one, units)
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, control="storage-old")
        assert set(rows.values_list("state", flat=True)) == {"gone"}
        changes = FindingChange.objects.filter(finding__in=rows, after_outcome="gone")
        assert set(changes.values_list("reason", flat=True)) == {REMOVED}
        assert changes.count() == rows.count() == 2
        facts = facts_of(one.tenant, kind="full")
        full, executive = printed(facts, "full"), printed(facts, "executive")
    assert "no longer in the catalogue" not in executive
    assert "storage-old" not in executive
    assert number(r"Failures fixed (N) ", executive) == 0
    assert "more ended because" not in executive
    assert number(r"(N) failing verdicts?: ", full) == began


@pytest.mark.slow(seconds=3)
def test_executive_summaries_on_earlier_assessments_say_which_values_are_current(
    provider: Organization, engineer: Person
) -> None:
    """The number of overdue findings follows from the present policy, also for the earlier assessment."""
    one = held_to(customer(provider, engineer), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    first, last = assess(one, units), assess(one, units)
    with factories.in_tenant(one.tenant):
        for assessment, historic in ((first, True), (last, False)):
            text = printed(facts_of(one.tenant, kind="full", assessment=assessment), "executive")
            assert ("A later assessment exists" in text) is historic
            assert ("days until findings are due are those that were set" in text) is historic


@pytest.mark.slow(seconds=4)
def test_nothing_is_said_about_failures_if_nothing_could_be_read(
    provider: Organization, engineer: Person
) -> None:
    one = customer(provider, engineer)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [False, False])])
    assess(one, [Read(one.directory, None), Read(one.subscriptions[0], None)])
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
        full, register = printed(facts, "full"), printed(facts, "exceptions")
        executive = printed(facts, "executive")
        changes = words_of(facts_of(one.tenant, kind="changes"))
    for sentence in (
        "No failure is open or acknowledged",
        "No finding is overdue",
        "no answer is needed",
        "Number of answers needed",
    ):
        assert sentence not in full
    assert "The scores and the coverage are left out." in full
    assert "The coverage is" not in full
    assert "could not be read completely" not in executive
    assert full.count("Not known, because nothing could be read.") == 4
    assert (
        "None: all subscriptions that Surety knows were in scope. Whether the customer has others is not known"
        in full
    )
    assert "None: all subscriptions of this customer" not in full
    assert "The last reading confirmed all verdicts except the unknown ones" in full
    assert "No exception is in force. Which verdicts fail is not known" in register
    assert "no verdict fails" not in register
    for severity in ("Critical", "High", "Medium", "Low"):
        assert re.search(rf"{severity} not known not known", register)
        assert re.search(rf"{severity} \d+ not known", changes.partition("Failing verdicts by severity")[2])


@pytest.mark.slow(seconds=4)
def test_failures_of_a_subscription_that_could_not_be_read_are_not_known(
    provider: Organization, engineer: Person
) -> None:
    """The number 0 would look like a pass."""
    one = customer(provider, engineer, subscriptions=2)
    first, second = one.subscriptions
    assess(one, [Read(first, [False]), Read(second, [False])])
    assess(one, [Read(first, [False]), Read(second, None)])
    with factories.in_tenant(one.tenant):
        full = printed(facts_of(one.tenant, kind="full"), "full")
    assert re.search(r"Sub 2 Subscription, not read not known not known not known not known [1-9]", full)
    assert re.search(r"Sub 1 Subscription \d+\.\d % \d+ \d+ [1-9]", full)


@pytest.mark.slow(seconds=4)
def test_changes_of_resources_with_the_same_name_state_the_subscription(
    provider: Organization, engineer: Person
) -> None:
    """If the rows did not name the subscription, one account would seem to change to failing and to passing at once."""
    one = customer(provider, engineer, subscriptions=2)
    first, second = one.subscriptions
    assess(one, [Read(first, [False]), Read(second, [True])])
    assess(one, [Read(first, [True]), Read(second, [False])])
    with factories.in_tenant(one.tenant):
        full = printed(facts_of(one.tenant, kind="full"), "full")
        period = printed(facts_of(one.tenant, kind="period"), "period")
    assert "store0 Sub 1 Fail Pass" in full
    assert "store0 Sub 2 Pass Fail" in full
    assert re.search(r"store0 Sub 1 \d{4}-\d\d-\d\d \d\d:\d\d Fail Pass", period)
    assert re.search(r"store0 Sub 2 \d{4}-\d\d-\d\d \d\d:\d\d Pass Fail", period)


@pytest.mark.slow(seconds=4)
def test_a_later_report_states_the_last_reason_of_a_verdict_that_stayed_unknown(
    provider: Organization, engineer: Person
) -> None:
    """In the first assessment, a permission was missing. In the second, the service principal could not sign in. The
    third assessment read only another subscription.
    """
    one = customer(provider, engineer, subscriptions=2)
    first, second = one.subscriptions
    assess(one, [Read(first, [True], gap=True), Read(second, [True])])
    unread = assess(one, [Read(first, None), Read(second, [True])])
    before = _unknown_reasons(one, unread, first.subscription_id)
    assess(one, [Read(second, [False])], only=True)
    assert any("could not sign in" in reason for reason in before.values())
    assert _unknown_reasons(one, unread, first.subscription_id) == before


@pytest.mark.slow(seconds=3)
def test_an_earlier_report_names_a_grant_only_while_its_reason_is_the_last_one(
    provider: Organization, engineer: Person
) -> None:
    """A report on the first assessment says which permission is missing. It also says to grant the permission, but only
    while no later assessment states another reason why the data could not be read. The third assessment states such a
    reason: the service principal could not sign in.
    """
    one = customer(provider, engineer)
    place = one.subscriptions[0]
    first = assess(one, [Read(place, [True], gap=True)])
    for gap, safe in ((True, [True]), (False, None)):
        assess(one, [Read(place, safe, gap=gap)])
        with factories.in_tenant(one.tenant):
            found = facts_of(one.tenant, kind="full", assessment=first).of(results.PART)
            unknown = [row for row in found.of_outcome("unknown") if "Missing permission" in row.reason]
        assert unknown
        named = {(row.unknown_because != "", "Grant " in row.known_with) for row in unknown}
        assert named == {(gap, gap)}


@pytest.mark.slow(seconds=3)
def test_reports_state_no_result_of_a_customer_that_could_not_be_read(
    provider: Organization, engineer: Person
) -> None:
    one = customer(provider, engineer)
    place = one.subscriptions[0]
    assess(one, [Read(place, [False])])
    assess(one, [Read(place, None)])
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
        full, register = printed(facts, "full"), printed(facts, "exceptions")
    missing = "1 of 1 subscriptions and directories could not be read completely"
    assert f"{missing}, so changes in them can be missing." in full
    assert missing not in register
    assert "No change of a resource was found" not in full
    assert "Covered failures Not known, because nothing could be read." in register
    assert "have no valid answer" not in full + register


def _unknown_reasons(one: Customer, assessment: Assessment, subscription_id: str) -> dict[str, str]:
    """Return {id of an unknown finding in the subscription: its reason in a report on the assessment}."""
    with factories.in_tenant(one.tenant):
        found = facts_of(one.tenant, kind="full", assessment=assessment).of(results.PART)
        unknown = found.of_outcome("unknown")
        return {row.id: row.reason for row in unknown if row.unit.endswith(subscription_id)}
