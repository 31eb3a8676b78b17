"""The profile of controls in baselines: who gets it, who deviates, and what stays switched off."""

from __future__ import annotations

import pytest

from assessments.actions.profiles import overrides_of, profile_part, set_profile, switch_off
from assessments.controls.profiles import EVERYTHING, OWN, is_off
from assessments.models import ControlProfile
from portal.treatment.actions.baselines import delete_baseline, set_baseline_profile
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import baselines, deviations
from tenants.actions.organizations import register_tenant
from tenants.errors import Conflict, InvalidInput
from tenants.models import OrganizationJournalEntry, Tenant
from tests.factories import BY
from tests.portal.treatment.actions.baselines.baseline_customers import BaselineCustomers

pytestmark = pytest.mark.django_db
LEVEL_1 = "cis-6.0.0-level-1"
CONTROL = "storage-secure-transfer"


def set_to(case: BaselineCustomers, baseline: Baseline, profile: str, **given: object) -> Baseline:
    return set_baseline_profile(
        baseline=baseline, by=case.by, tenants=case.tenants(), profile=profile, **given
    )


def profiles(case: BaselineCustomers) -> list[str]:
    return [profile_part(tenant)["profile"] for tenant in (case.plain, case.gold, case.own)]


def test_customers_without_an_own_profile_follow_and_others_deviate(case: BaselineCustomers) -> None:
    set_profile(tenant=case.own, by=BY, profile="mcsb-1")
    everywhere = set_to(case, case.save(), LEVEL_1)
    assert profiles(case) == [LEVEL_1, LEVEL_1, "mcsb-1"]
    assert case.deviating() == {("own", "profile")}
    entry = OrganizationJournalEntry.objects.filter(action="baseline.changed").latest("sequence")
    assert entry.details["profile"] == {"profile": LEVEL_1, "controls": []}
    gold = set_to(case, case.save(name="Gold", label="gold"), OWN, controls=[CONTROL])
    assert profiles(case) == [LEVEL_1, OWN, "mcsb-1"]
    assert not is_off(CONTROL, overrides_of(case.gold))
    assert is_off("storage-min-tls", overrides_of(case.gold))
    assert case.bring_back() == 1
    assert profiles(case) == [LEVEL_1, OWN, LEVEL_1]
    # If the baseline of the label has no value, the value of the baseline for all customers applies.
    set_to(case, gold, "")
    assert profiles(case) == [LEVEL_1] * 3
    assert case.deviating() == set()
    set_profile(tenant=case.own, by=BY, profile=EVERYTHING)
    assert case.deviating() == {("own", "profile")}
    delete_baseline(baseline=everywhere, by=case.by)
    assert case.deviating() == set()
    assert profiles(case) == [LEVEL_1, LEVEL_1, EVERYTHING]


def test_new_customers_get_the_profile(case: BaselineCustomers) -> None:
    set_to(case, case.save(), "mcsb-1")
    fresh = register_tenant(by=BY, organization=case.organization, name="New")
    assert profile_part(fresh)["profile"] == "mcsb-1"


def test_switched_off_controls_stay_off_with_reason_and_person(case: BaselineCustomers) -> None:
    switch_off(tenant=case.plain, by=case.by, slug=CONTROL, reason="Replaced in March")
    set_to(case, case.save(), LEVEL_1)
    stored = overrides_of(case.plain)[CONTROL]["switched_off"]
    assert (stored["reason"], stored["by"]) == ("Replaced in March", str(case.by.pk))


def test_unusable_profiles_and_changes_of_others_are_refused(case: BaselineCustomers) -> None:
    row = case.save()
    for profile, controls in (("cis-0", []), (OWN, []), (OWN, ["no-such-control"])):
        with pytest.raises(InvalidInput):
            set_to(case, row, profile, controls=controls)
    set_to(case, row, "mcsb-1", expected={})
    with pytest.raises(Conflict) as raised:
        set_to(case, row, LEVEL_1, expected={})
    assert raised.value.code == "changed_meanwhile"
    set_to(case, row, "mcsb-1", expected={})
    assert profiles(case) == ["mcsb-1"] * 3


def test_controls_that_this_version_lacks_are_ignored(case: BaselineCustomers) -> None:
    row = case.save()
    Baseline.objects.filter(pk=row.pk).update(
        profile={"profile": OWN, "controls": [CONTROL, "removed-control"]}
    )
    for tenant in Tenant.objects.filter(organization=case.organization):
        ControlProfile.objects.update_or_create(
            tenant=tenant, defaults={"profile": OWN, "controls": ["other-removed", CONTROL]}
        )
    assert case.deviating() == set()
    Baseline.objects.filter(pk=row.pk).update(profile={"profile": "a-profile-of-later", "controls": []})
    assert case.deviating() == set()
    ControlProfile.objects.filter(tenant=case.own).update(profile=EVERYTHING, controls=[])
    Baseline.objects.filter(pk=row.pk).update(profile={"profile": OWN, "controls": [CONTROL]})
    (found,) = deviations(case.tenants(), baselines(case.organization))
    assert (found.tenant, found.value) == (case.own, {"profile": EVERYTHING, "controls": []})
