"""The pages of baselines."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from portal.retention.actions.policy import set_periods
from portal.retention.selectors import chosen_of
from portal.treatment.models import Baseline, OwnerRule
from tenants.actors import System
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.forms import filled
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


def test_a_new_baseline_changes_its_customers(engineer: Client, world: World, baseline: Baseline) -> None:
    with factories.in_tenant(world.home):
        assert Tenant.objects.get(pk=world.home.pk).exception_cap_days == 45
    assert "No customer deviates" in page(engineer, "baselines", world.organization.slug)


def test_a_deviating_customer_is_listed_and_brought_back(
    engineer: Client, world: World, baseline: Baseline
) -> None:
    slug = world.organization.slug
    with organization_scope(world.organization):
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    html = page(engineer, "baselines", slug)
    assert "20 days" in html
    assert "45 days" in html
    url = reverse("baselines-apply", args=[slug])
    data = {"setting": [f"{world.home.pk} exception_cap_days", f"{world.foreign.pk} exception_cap_days"]}
    answer = engineer.post(url, {**filled(html, url), **data}, follow=True)
    assert "1 setting was set to the value of its baseline." in answer.content.decode()
    with factories.in_tenant(world.foreign):
        assert Tenant.objects.get(pk=world.foreign.pk).exception_cap_days == 180


def test_parameters_are_set_and_left_to_customers_again(
    engineer: Client, world: World, baseline: Baseline
) -> None:
    slug, control = world.organization.slug, "storage-key-rotation"
    place = ("baseline-parameter", slug, baseline.pk, control)
    url = reverse(place[0], args=place[1:])
    engineer.post(url, {**filled(page(engineer, *place)), "max_age": "45"})
    assert "Maximum age (days): <strong>45</strong>" in page(engineer, "baseline", slug, baseline.pk)
    engineer.post(url, {**filled(page(engineer, *place)), "remove": "1"})
    assert "Maximum age (days)" not in page(engineer, "baseline", slug, baseline.pk)


def test_labels_of_grouped_fields_do_not_repeat_the_group(engineer: Client, world: World) -> None:
    html = page(engineer, "baseline-add", world.organization.slug)
    for name, label in (("due_critical", "Critical"), ("retention_evidence", "Evidence")):
        assert re.search(rf'<label for="id_{name}">\s*{label}\s*<', html)


def test_the_form_says_that_values_of_a_label_have_priority(engineer: Client, world: World) -> None:
    """The baseline for all customers still sets the values that the baseline for the label does not have."""
    html = page(engineer, "baseline-add", world.organization.slug)
    assert "Values that the baseline for the label does not set come from the baseline" in html


def test_the_message_says_if_a_new_baseline_applies_to_no_customer(engineer: Client, world: World) -> None:
    url = reverse("baseline-add", args=[world.organization.slug])
    for label, said in (
        ("", "Customers that had the default values now have the values of the baseline."),
        ("Nobody has this", "It applies to no customer yet."),
    ):
        html = engineer.post(
            url, {"name": f"For {label}", "label": label, "exception_cap_days": "45"}, follow=True
        ).content.decode()
        assert f"The baseline was created. {said}" in html
    assert "No owner rules yet" in html
    assert "No channels yet" in html


def test_errors_stand_at_their_field(engineer: Client, world: World, baseline: Baseline) -> None:
    url = reverse("baseline-add", args=[world.organization.slug])
    html = engineer.post(url, {"name": "Again", "label": "Gold"}).content.decode()
    assert "Another baseline already has this label." in html


@pytest.mark.slow(seconds=1)
def test_a_refusal_names_the_customer_and_other_settings_change(
    engineer: Client, world: World, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = world.organization.slug
    owner = world.people["organization_engineer"]
    rule = {"name": "Disks", "owner": str(owner.pk), "section": "vm", "enabled": "on"}
    assert engineer.post(reverse("baseline-rule-add", args=[slug, baseline.pk]), rule).status_code == 302
    with organization_scope(world.organization):
        OwnerRule.objects.filter(tenant=world.home, name="Disks").delete()
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    monkeypatch.setattr("portal.treatment.actions.owners.rules.MAX_RULES", 0)
    chosen = [f"{world.home.pk} {setting}" for setting in ("owner_rule:Disks", "exception_cap_days")]
    apply = reverse("baselines-apply", args=[slug])
    shown = filled(page(engineer, "baselines", slug), apply)
    answer = engineer.post(apply, {**shown, "setting": [*chosen, "x"]}, follow=True)
    html = unescape(answer.content.decode())
    assert "1 setting was set to the value of its baseline." in html
    assert f"Owner rule “Disks” was not changed. {world.home.name}: This customer has 0 owner rules" in html
    with factories.in_tenant(world.home):
        assert Tenant.objects.get(pk=world.home.pk).exception_cap_days == 45
    # No customer has the label “new”. The label “gold” is refused: the customer with this label would get the owner
    # rule “Disks”, but has reached the maximum number of rules.
    monkeypatch.setattr("portal.treatment.actions.owners.rules.MAX_RULES", 200)
    url = reverse("baseline", args=[slug, baseline.pk])
    shown = filled(page(engineer, "baseline", slug, baseline.pk))
    assert engineer.post(url, {**shown, "label": "new"}).status_code == 302
    monkeypatch.setattr("portal.treatment.actions.owners.rules.MAX_RULES", 0)
    shown = filled(page(engineer, "baseline", slug, baseline.pk))
    refused = engineer.post(url, {**shown, "label": "gold"})
    assert refused.status_code == 200
    assert f"{world.home.name}: This customer has 0 owner rules" in unescape(refused.content.decode())


@pytest.mark.slow(seconds=1)
def test_administrators_set_retention_and_engineers_only_read_it(world: World, engineer: Client) -> None:
    slug = world.organization.slug
    administrator = signed_in_client(world.people["organization_administrator"])
    form = {"name": "Kept longer", "retention_evidence": "800", "retention_reports": "89"}
    url = reverse("baseline-add", args=[slug])
    assert "Reports: enter a whole number of days from 365" in administrator.post(url, form).content.decode()
    assert administrator.post(url, {**form, "retention_reports": "keep"}).status_code == 302
    with organization_scope(world.organization):
        baseline = Baseline.objects.get(name="Kept longer")
        assert chosen_of([world.home.pk])[world.home.pk] == {"evidence": "800", "reports": "keep"}
    html = page(engineer, "baseline", slug, baseline.pk)
    assert "Only administrators of the organization can change this period." in html
    place = reverse("baseline", args=[slug, baseline.pk])
    answer = engineer.post(place, {**filled(html), "exception_cap_days": "45", "retention_evidence": "90"})
    assert answer.status_code == 302
    with organization_scope(world.organization):
        baseline.refresh_from_db()
        assert (baseline.exception_cap_days, baseline.retention["evidence"]) == (45, "800")
        set_periods(tenant=world.home, by=System("test"), wanted={"evidence": 900})
    listed = page(administrator, "baselines", slug)
    assert ["Retention: evidence" in listed, "900 days" in listed, "800 days" in listed] == [True] * 3
    assert reverse("retention", args=[world.home.slug]) in listed
    assert reverse("retention", args=[world.home.slug]) not in page(engineer, "baselines", slug)
