"""A customer is held to the controls of a profile, except those that are switched off."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assessments.actions.check_finding import request_check
from assessments.actions.control_settings import set_control_values
from assessments.actions.profiles import overrides_of, profile_part, set_profile, switch_off, switch_on
from assessments.actions.watch.settings import set_watch
from assessments.controls.profiles import EVERYTHING, OWN, judged, outside, profiles
from assessments.controls.registry import catalogue
from assessments.errors import CannotCheck
from assessments.frameworks.framework import framework
from assessments.models import Assessment, FindingChange, Resource, ResourceVersion
from assessments.presentation.not_judged import recorded_overrides
from assessments.resource_versions import read_newest
from portal.queries.frameworks.coverage import Coverage, framework_coverage
from portal.queries.frameworks.results import number_results
from portal.queries.journal.actors import parse_actor
from portal.reports.attachments.oscal import _extent
from portal.reports.facts.people import person_id_label
from portal.reports.parts.scope import ScopeFacts, _not_judged
from tenants.actors import System, describe
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.actions.watch import watched
from tests.assessments.lifecycle.estates import GROUP, HTTPS, SCOPE, estate
from tests.assessments.sandboxed_customer import BY, Customer

DOOR = (
    {
        "id": f"{GROUP}/providers/Microsoft.Cdn/profiles/fd",
        "name": "fd",
        "type": "Microsoft.Cdn/profiles",
        "sku": {"name": "Standard_AzureFrontDoor"},
        "location": "global",
        "properties": {"provisioningState": "Succeeded"},
    },
    {
        "id": f"{GROUP}/providers/Microsoft.Cdn/profiles/fd/afdEndpoints/www",
        "name": "www",
        "type": "Microsoft.Cdn/profiles/afdEndpoints",
        "location": "global",
        "properties": {"hostName": "www.azurefd.net", "enabledState": "Enabled"},
    },
)


@pytest.mark.slow(seconds=3)
def test_data_that_are_no_longer_read_do_not_count_as_changed(assessed: tuple[Customer, Assessment]) -> None:
    """Azure's list of all resources contains neither the properties of resources nor some of their child resources. If
    a profile needs no other list, the stored properties and child resources stay as they are.
    """
    customer, _ = assessed
    customer.azure_is(estate(*DOOR))
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        before = list(Resource.objects.order_by("pk").values("pk", "type", "sha256", "tags", "gone_at"))
        types = {row["type"].lower() for row in before}
        assert {"microsoft.sql/servers", "microsoft.cdn/profiles/afdendpoints"} <= types
        set_watch(tenant=customer.tenant, by=BY, wanted=True)
    # Only the second profile needs the list of resources.
    for controls in ([HTTPS], [HTTPS, "platform-production-sku"]):
        with tenant_scope(customer.tenant.pk):
            set_profile(tenant=customer.tenant, by=BY, profile=OWN, controls=controls)
        later = customer.assess()
        collections = customer.units(later)[SCOPE].coverage["collections"]
        assert "sql_servers" not in collections
        assert ("resources" in collections) == (len(controls) > 1)
        with tenant_scope(customer.tenant.pk):
            assert not ResourceVersion.objects.filter(assessment=later).exists()
            assert before == list(Resource.objects.order_by("pk").values(*before[0]))
        watched.acts(customer, "touch", watched.ACCOUNT)
        assert watched.turn(customer) > 1
        with tenant_scope(customer.tenant.pk):
            assert before == list(Resource.objects.order_by("pk").values(*before[0]))
    watched.acts(customer, "delete", watched.ACCOUNT)
    watched.turn(customer)
    with tenant_scope(customer.tenant.pk):
        gone = Resource.objects.filter(gone_at__isnull=False).values_list("resource_id", flat=True)
        assert list(gone) == [watched.ACCOUNT]
    customer.azure_is(estate(*DOOR, first=with_tag("Microsoft.Sql/servers/", team="data")))
    third = customer.assess()
    with tenant_scope(customer.tenant.pk):
        versions = list(ResourceVersion.objects.filter(assessment=third).select_related("resource"))
        newest = read_newest(
            ResourceVersion.objects.all(),
            tenant_id=customer.tenant.pk,
            resources=[row.resource_id for row in versions],
        )
    assert versions
    for row in versions:
        assert row.resource.type.lower().startswith("microsoft.sql/servers")
        assert row.resource.tags == {"team": "data"}
        assert newest[row.resource_id].document["properties"]


def with_tag(part: str, **tags: str) -> Callable[[list[Any]], list[Any]]:
    def change(lines: list[Any]) -> list[Any]:
        for line in lines:
            if part in line["id"] and line.get("type", "").count("/") == 1:
                line["tags"] = tags
        return lines

    return change


@pytest.mark.slow(seconds=2)
def test_controls_to_which_the_customer_is_not_held_are_neither_read_nor_judged(
    assessed: tuple[Customer, Assessment],
) -> None:
    customer, first = assessed
    before = customer.outcomes(gone_at__isnull=True)
    assert before[HTTPS, "aplain"] == "fail"
    failing_since = {
        key: row.failing_since for key, row in customer.findings(outcome="fail", gone_at__isnull=True).items()
    }
    # The only verdict of a control that is switched off or outside of the profile is “not applicable”, about the
    # subscription itself. So a failing finding about the subscription becomes “not applicable”, and does not end.
    assert any(subject == SCOPE.rpartition("/")[2] for _, subject in failing_since)
    with tenant_scope(customer.tenant.pk):
        set_profile(tenant=customer.tenant, by=BY, profile=OWN, controls=[HTTPS, "storage-min-tls"])
        switch_off(tenant=customer.tenant, by=BY, slug=HTTPS, reason="Replaced in March")
    second = customer.assess()
    now = customer.findings(gone_at__isnull=True)
    assert {row.outcome for key, row in now.items() if key[0] != "storage-min-tls"} == {"not_applicable"}
    row = now[HTTPS, SCOPE.rpartition("/")[2]]
    assert row.reason == "The control is switched off for the customer"
    assert row.observed == {"switched_off_because": "Replaced in March"}
    with (
        tenant_scope(customer.tenant.pk),
        pytest.raises(CannotCheck, match="outside of the customer’s profile"),
    ):
        request_check(finding=row, by=factories.person())
    with tenant_scope(customer.tenant.pk):
        gone = FindingChange.objects.get(
            assessment=second, finding__control=HTTPS, finding__subject_name="aplain"
        )
    assert (gone.after_outcome, gone.reason) == ("gone", "The control is switched off for the customer")
    left_out = now["sql-min-tls", SCOPE.rpartition("/")[2]]
    assert left_out.reason == "The control is outside of the customer’s profile"
    assert left_out.observed == {"profile": "Own choice"}
    assert now["storage-min-tls", "aplain"].outcome == before["storage-min-tls", "aplain"]
    unit, earlier = customer.units(second)[SCOPE], customer.units(first)[SCOPE]
    assert unit.requests < earlier.requests / 2
    assert set(unit.coverage["collections"]) == {"storage_accounts"}
    with tenant_scope(customer.tenant.pk):
        switch_on(tenant=customer.tenant, by=BY, slug=HTTPS)
        set_profile(tenant=customer.tenant, by=BY, profile=EVERYTHING)
    elsewhere = [scope for scope in customer.units(second) if scope != SCOPE]
    partial = customer.assess(only=elsewhere)
    with tenant_scope(customer.tenant.pk):
        recorded = recorded_overrides(partial)
    assert partial.parameters == {}
    assert recorded[HTTPS]["switched_off"]["reason"] == "Replaced in March"
    assert recorded["sql-min-tls"]["switched_off"] == {"profile": "Own choice"}
    assert {catalogue()[slug].unit for slug in recorded} == {"subscription"}
    whole = customer.assess()
    with tenant_scope(customer.tenant.pk):
        assert recorded_overrides(whole) == {}
    assert customer.outcomes(gone_at__isnull=True) == before
    after = customer.findings(outcome="fail", gone_at__isnull=True)
    assert {key: row.failing_since for key, row in after.items()} == failing_since


def test_coverage_of_a_framework_leaves_out_what_is_not_judged() -> None:
    off = {HTTPS: {"switched_off": {"reason": "Replaced", "by": "", "at": "2026-11-28T10:00:00+00:00"}}}
    number = {row.number.number: row for row in framework_coverage(framework("cis-6.0.0"), off)}["9.3.4"]
    assert number.coverage is Coverage.PARTLY
    assert f"The control {HTTPS} does not apply to this customer" in number.missing
    everything = {row.number.number: row for row in framework_coverage(framework("cis-6.0.0"), {})}["9.3.4"]
    assert everything.coverage is Coverage.JUDGED


def test_requirements_count_open_failures_of_controls_that_are_off() -> None:
    answers = framework_coverage(framework("cis-6.0.0"), {})
    (judged_by,) = [row.answers for row in answers if row.number.number == "9.3.4"]
    off = {answer.control.slug: {"switched_off": {"profile": "Own choice"}} for answer in judged_by}
    for states, expected in (
        ({"not_applicable": 1}, "not_covered"),
        ({"open": 1, "not_applicable": 1}, "failed"),
        ({"passing": 1}, "partly"),
    ):
        rows = number_results(framework("cis-6.0.0"), {HTTPS: states}, off)
        assert {row.result for row in rows if row.covered.number.number == "9.3.4"} == {expected}


@pytest.mark.django_db
def test_reports_name_who_switched_a_control_off_as_they_name_everybody() -> None:
    tenant, person = factories.tenant(), factories.person()
    with tenant_scope(tenant.pk):
        switch_off(tenant=tenant, by=person, slug=HTTPS, reason="Replaced")
        assessment = Assessment(tenant=tenant, parameters=overrides_of(tenant))
        source = SimpleNamespace(
            assessment=assessment, label=person_id_label, treatment=SimpleNamespace(by_control={})
        )
        facts = ScopeFacts(units=(), excluded=(), frameworks=(), **_not_judged(source))
    assert [row.by for row in facts.switched_off] == [f"Person {person.pk}"]
    assert f"{HTTPS} was not judged, because " in _extent(facts)
    assert _extent(ScopeFacts(units=(), excluded=(), frameworks=())) == "All controls were in scope."


@pytest.mark.django_db
def test_reports_name_an_operator_who_switched_a_control_off_as_the_journal_does() -> None:
    tenant, operator = factories.tenant(), System("operator root")
    with tenant_scope(tenant.pk):
        switch_off(tenant=tenant, by=operator, slug=HTTPS, reason="Replaced")
        assessment = Assessment(tenant=tenant, parameters=overrides_of(tenant))
        source = SimpleNamespace(
            assessment=assessment, label=person_id_label, treatment=SimpleNamespace(by_control={})
        )
        (row,) = _not_judged(source)["switched_off"]
    assert row.by == parse_actor(describe(operator), {}).name == "Operator root"
    stored = assessment.parameters[HTTPS]["switched_off"]
    del stored["system"]
    with tenant_scope(tenant.pk):
        (row,) = _not_judged(source)["switched_off"]
    assert row.by == "Unknown"


def test_profiles_follow_the_levels_of_the_benchmark() -> None:
    known = profiles()
    first, second = known["cis-6.0.0-level-1"], known["cis-6.0.0-level-2"]
    assert set(first.controls) < set(second.controls) < set(known[EVERYTHING].controls)
    assert tuple(catalogue()) == known[EVERYTHING].controls
    assert HTTPS in first.controls
    assert "storage-cmk" not in first.controls
    assert outside("a profile of another version", ()) == []
    assert len({profile.name for profile in known.values()}) == len(known)


@pytest.mark.django_db
def test_bad_choices_are_refused_and_change_nothing() -> None:
    tenant = factories.tenant()
    refused: list[tuple[type[Exception], str, Callable[[Tenant], Any]]] = [
        (InvalidInput, "Choose one of", lambda t: set_profile(tenant=t, by=BY, profile="iso")),
        (InvalidInput, "at least one", lambda t: set_profile(tenant=t, by=BY, profile=OWN)),
        (InvalidInput, "no-such", lambda t: set_profile(tenant=t, by=BY, profile=OWN, controls=["no-such"])),
        (InvalidInput, "no control", lambda t: switch_off(tenant=t, by=BY, slug="no-such", reason="x")),
        (InvalidInput, "Enter why", lambda t: switch_off(tenant=t, by=BY, slug=HTTPS, reason=" ")),
        (InvalidInput, "Shorten", lambda t: switch_off(tenant=t, by=BY, slug=HTTPS, reason="x" * 1001)),
        (
            InvalidInput,
            "no parameter switched_off",
            lambda t: set_control_values(tenant=t, by=BY, slug=HTTPS, values={"switched_off": {}}),
        ),
        (
            InvalidInput,
            "no parameter own_control",
            lambda t: set_control_values(tenant=t, by=BY, slug=HTTPS, values={"own_control": {}}),
        ),
        (Conflict, "not switched off", lambda t: switch_on(tenant=t, by=BY, slug=HTTPS)),
    ]
    with tenant_scope(tenant.pk):
        for error, text, act in refused:
            with pytest.raises(error, match=text):
                act(tenant)
        stale = {"profile": "cis-6.0.0-level-1", "controls": []}
        with pytest.raises(Conflict):
            set_profile(tenant=tenant, by=BY, profile=OWN, controls=[HTTPS], expected=stale)
        assert profile_part(tenant) == {"profile": EVERYTHING, "controls": []}
        assert overrides_of(tenant) == {}
        assert not JournalEntry.objects.filter(action__startswith="control.").exists()
        switch_off(tenant=tenant, by=BY, slug=HTTPS, reason="Replaced")
        with pytest.raises(Conflict, match="already"):
            switch_off(tenant=tenant, by=BY, slug=HTTPS, reason="Replaced")
        left = judged(catalogue().values(), overrides_of(tenant))
        assert [slug for slug in catalogue() if slug not in {one.slug for one in left}] == [HTTPS]
