"""Baselines: who follows a change, who deviates, and which baseline applies."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.actions.control_settings import set_control_values
from assessments.actions.schedules import set_schedule
from assessments.controls.registry import control
from assessments.models import ControlSetting, Schedule
from portal.notify.actions.channels import add_channel, change_channel, rotate_secret, switch_channel
from portal.notify.models import Channel
from portal.treatment.actions.baselines import (
    delete_baseline,
    remove_baseline_channel,
    remove_baseline_rule,
    save_baseline,
    set_baseline_channel,
    set_baseline_parameters,
    set_baseline_rule,
)
from portal.treatment.actions.owners.rules import change_rule, create_rule
from portal.treatment.models import Baseline, BaselineChannel, OwnerRule
from tenants import secrets
from tenants.actions.members import revoke_membership
from tenants.actions.organizations import change_tenant, register_tenant
from tenants.errors import Conflict, InvalidInput
from tenants.models import (
    JournalEntry,
    Membership,
    OrganizationJournalEntry,
    Tenant,
)
from tenants.models.tenant import DUE_DAYS
from tenants.roles import Role
from tenants.secrets import unseal
from tests import factories
from tests.factories import BY
from tests.portal.treatment.actions.baselines.baseline_customers import BaselineCustomers

pytestmark = pytest.mark.django_db
CONTROL = "storage-key-rotation"
ADDRESS = "https://8.8.8.8/hooks/a-secret-path"


def test_customers_with_the_default_follow_and_others_deviate(case: BaselineCustomers) -> None:
    case.save(exception_cap_days=90)
    assert case.caps() == [90, 90, 10]
    assert case.deviating() == {("own", "exception_cap_days")}


def test_a_changed_baseline_takes_along_who_followed_it(case: BaselineCustomers) -> None:
    baseline = case.save(exception_cap_days=90)
    change_tenant(by=BY, tenant=case.gold, exception_cap_days=45)
    case.save(baseline, exception_cap_days=60)
    assert case.caps() == [60, 45, 10]
    assert case.deviating() == {("gold", "exception_cap_days"), ("own", "exception_cap_days")}


def test_a_label_comes_before_all_customers(case: BaselineCustomers) -> None:
    case.save(exception_cap_days=90, due_days={"critical": 3})
    case.save(name="Gold", label="gold", exception_cap_days=30)
    assert case.caps() == [90, 30, 10]
    due = dict(Tenant.objects.values_list("name", "due_days"))
    assert [due[name]["critical"] for name in ("plain", "gold", "own")] == [3, 3, 3]
    assert {days["high"] for days in due.values()} == {30}


def test_due_days_are_followed_for_each_severity(case: BaselineCustomers) -> None:
    baseline = case.save(due_days={"critical": 3})
    change_tenant(by=BY, tenant=case.gold, due_days={**DUE_DAYS, "critical": 3, "high": 15})
    change_tenant(by=BY, tenant=case.own, due_days={**DUE_DAYS, "critical": 5})
    case.save(baseline, due_days={"critical": 2, "high": 20})
    assert case.due("critical", "high") == [(2, 20), (2, 15), (5, 20)]
    assert case.deviating() == {("gold", "due_days"), ("own", "due_days")}


def test_a_baseline_for_a_label_keeps_due_days_that_a_customer_has_set(case: BaselineCustomers) -> None:
    case.save(due_days={"critical": 3})
    change_tenant(by=BY, tenant=case.gold, due_days={**DUE_DAYS, "critical": 3, "high": 15})
    case.save(name="Gold", label="gold", due_days={"critical": 2, "high": 20, "low": 200})
    assert case.due("critical", "high", "low")[1] == (2, 15, 200)


def test_parameters_follow_and_deviate_like_the_policy(case: BaselineCustomers) -> None:
    set_control_values(tenant=case.own, by=BY, slug=CONTROL, values={"max_age": 30})
    baseline = case.save()
    set_baseline_parameters(
        baseline=baseline, by=case.by, tenants=case.tenants(), slug=CONTROL, values={"max_age": 60}
    )
    stored = dict(ControlSetting.objects.filter(control=CONTROL).values_list("tenant__name", "values"))
    assert stored == {"plain": {"max_age": 60}, "gold": {"max_age": 60}, "own": {"max_age": 30}}
    assert case.deviating() == {("own", f"parameters:{CONTROL}")}
    set_baseline_parameters(baseline=baseline, by=case.by, tenants=case.tenants(), slug=CONTROL, values=None)
    assert case.deviating() == set()


def test_a_customer_can_be_brought_back(case: BaselineCustomers) -> None:
    case.save(exception_cap_days=90)
    assert case.bring_back() == 1
    assert case.caps() == [90, 90, 90]
    entry = JournalEntry.objects.filter(tenant=case.own, action="tenant.changed").latest("sequence")
    assert entry.details["exception_cap_days"] == {"from": 10, "to": 90}


def test_deleting_a_baseline_changes_no_customer(case: BaselineCustomers) -> None:
    baseline = case.save(exception_cap_days=90)
    delete_baseline(baseline=baseline, by=case.by)
    assert case.caps() == [90, 90, 10]
    assert case.deviating() == set()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"label": "GOLD"}, "label"),
        ({"exception_cap_days": 0}, "exception_cap_days"),
        ({"due_days": {"high": 99999}}, "due_days"),
    ],
)
def test_invalid_input_names_its_field_and_changes_nothing(
    case: BaselineCustomers, given: dict[str, Any], field: str
) -> None:
    case.save(name="Gold", label="gold")
    with pytest.raises(InvalidInput) as refused:
        case.save(**given)
    assert list(refused.value.fields) == [field]
    assert Baseline.objects.count() == 1


def test_invalid_parameters_are_refused(case: BaselineCustomers) -> None:
    baseline = case.save()
    for slug, values in (
        ("no-such-control", {}),
        (CONTROL, {"max_age": 0}),
        (CONTROL, {"other": 1}),
        (CONTROL, {"switched_off": {"reason": "x"}}),
        (CONTROL, {"own_control": {}}),
    ):
        with pytest.raises(InvalidInput):
            set_baseline_parameters(
                baseline=baseline, by=case.by, tenants=case.tenants(), slug=slug, values=values
            )


def test_a_new_customer_takes_the_values_of_its_baselines(case: BaselineCustomers) -> None:
    everyone = case.save(due_days={"critical": 3}, exception_cap_days=100)
    values = {parameter.name: parameter.default for parameter in control(CONTROL).parameters}
    name, default = next((name, value) for name, value in values.items() if type(value) is int)
    set_baseline_parameters(
        baseline=everyone, by=case.by, tenants=case.tenants(), slug=CONTROL, values={name: default + 1}
    )
    case.save(name="Gold", label="gold", exception_cap_days=50)
    new = register_tenant(by=BY, organization=case.organization, name="New", labels=["Gold"])
    plain = register_tenant(by=BY, organization=case.organization, name="Plain and new")
    assert (new.due_days["critical"], new.exception_cap_days) == (3, 50)
    assert (plain.due_days["critical"], plain.exception_cap_days) == (3, 100)
    assert {one for one in case.deviating() if one[0] in (new.name, plain.name)} == set()
    assert ControlSetting.objects.get(tenant=new, control=CONTROL).values == {name: default + 1}
    changed = JournalEntry.objects.filter(tenant=new, action="tenant.changed")
    assert changed.exists()


def rules_of(tenant: Tenant) -> list[tuple[str, str, bool]]:
    rows = OwnerRule.objects.filter(tenant=tenant).order_by("position")
    return [(rule.name, rule.severity, rule.enabled) for rule in rows]


def test_schedules_follow_and_deviate(case: BaselineCustomers) -> None:
    set_schedule(tenant=case.own, by=BY, wanted="off")
    baseline = case.save(schedule="daily 02:00")
    stored = dict(Schedule.objects.values_list("tenant__name", "rule"))
    assert stored == {"plain": "daily 02:00 within 120", "gold": "daily 02:00 within 120", "own": ""}
    assert case.deviating() == {("own", "schedule")}
    case.save(baseline, schedule="")
    assert case.deviating() == set()
    with pytest.raises(InvalidInput):
        case.save(baseline, schedule="sometimes")


def test_owner_rules_follow_deviate_and_can_be_brought_back(case: BaselineCustomers) -> None:
    create_rule(tenant=case.own, by=BY, name="Storage", owner=case.by, severity="low")
    baseline = case.save()
    given = {"baseline": baseline, "by": case.by, "tenants": case.tenants()}
    set_baseline_rule(**given, name="Storage", owner=case.by, severity="high", control="", tag_name="")
    assert rules_of(case.plain) == rules_of(case.gold) == [("Storage", "high", True)]
    assert rules_of(case.own) == [("Storage", "low", True)]
    assert case.deviating() == {("own", "owner_rule:Storage")}
    # A customer that changed its rule keeps it when the baseline changes.
    change_rule(rule=OwnerRule.objects.get(tenant=case.gold), by=BY, severity="medium")
    set_baseline_rule(**given, position=0, name="Storage", owner=case.by, severity="critical", enabled=False)
    assert rules_of(case.plain) == [("Storage", "critical", False)]
    assert rules_of(case.gold) == [("Storage", "medium", True)]
    assert case.bring_back() == 2
    assert rules_of(case.gold) == rules_of(case.own) == [("Storage", "critical", False)]
    entry = OrganizationJournalEntry.objects.filter(action="baseline.changed").latest("sequence")
    assert entry.details["owner_rules"][0]["severity"] == "critical"
    remove_baseline_rule(**given, name="Storage")
    assert rules_of(case.plain) == [("Storage", "critical", False)]
    assert case.deviating() == set()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"unit": "directory:x"}, "unit"),
        ({"severity": "terrible"}, "severity"),
        ({"tag_value": "x"}, "tag_name"),
        ({"control": "no-such-control"}, "control"),
        ({"name": "  "}, "name"),
        ({"name": "THERE"}, "name"),
    ],
)
def test_invalid_owner_rules_change_nothing(
    case: BaselineCustomers, values: dict[str, str], field: str
) -> None:
    baseline = case.save()
    given = {"baseline": baseline, "by": case.by, "tenants": case.tenants(), "owner": case.by}
    set_baseline_rule(**given, name="There")
    with pytest.raises(InvalidInput) as raised:
        set_baseline_rule(**given, **{"name": "New", **values})
    assert field in raised.value.fields
    assert len(Baseline.objects.get(pk=baseline.pk).owner_rules) == 1


def test_owners_of_one_customer_cannot_own_everywhere(case: BaselineCustomers) -> None:
    owner = factories.member(Role.OWNER, case.plain)
    with pytest.raises(InvalidInput) as raised:
        set_baseline_rule(
            baseline=case.save(), by=case.by, tenants=case.tenants(), name="A", owner=owner, section="storage"
        )
    assert "owner" in raised.value.fields


def add_webhook(case: BaselineCustomers, baseline: Baseline, **given: Any) -> tuple[BaselineChannel, str]:
    values = {"name": "Tickets", "kind": "webhook", "address": ADDRESS, "kinds": ["assigned"], **given}
    return set_baseline_channel(baseline=baseline, by=case.by, tenants=case.tenants(), **values)


def test_channels_whose_key_was_lost_are_replaced(
    case: BaselineCustomers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a new key ring, nobody can decrypt the stored addresses and secrets of channels. The baseline still shows
    which customers deviate from it, and its channels can be replaced.
    """
    baseline = case.save()
    row, _ = add_webhook(case, baseline)
    monkeypatch.setenv("SURETY_KEYS", secrets.new_key())
    assert len(case.deviating()) == 3
    remove_baseline_channel(channel=row, by=case.by, tenants=case.tenants())
    _, secret = add_webhook(case, baseline)
    assert case.bring_back() == 3
    channels = list(Channel.objects.filter(name="Tickets"))
    assert {unseal(channel, "secret").reveal() for channel in channels} == {secret}
    assert {unseal(channel, "address").reveal() for channel in channels} == {ADDRESS}


def test_channels_follow_with_one_address_and_secret(case: BaselineCustomers) -> None:
    baseline = case.save()
    row, secret = add_webhook(case, baseline)
    channels = list(Channel.objects.filter(name="Tickets"))
    assert len(channels) == 3
    assert {unseal(channel, "secret").reveal() for channel in channels} == {secret}
    assert {unseal(channel, "address").reveal() for channel in channels} == {ADDRESS}
    assert case.deviating() == set()
    change_channel(channel=channels[0], by=BY, name="Tickets", kinds=["assigned", "overdue"])
    switch_channel(channel=channels[1], by=BY, enabled=False)
    deviating = {channels[0].tenant.name, channels[1].tenant.name}
    assert {name for name, _ in case.deviating()} == deviating
    # Two customers deviate. A new address in the baseline is set only for the third customer, which
    # follows the baseline.
    _, again = add_webhook(case, baseline, channel=row, address="https://8.8.8.8/other")
    assert again == ""
    assert unseal(Channel.objects.get(pk=channels[2].pk), "address").reveal() == "https://8.8.8.8/other"
    assert unseal(Channel.objects.get(pk=channels[0].pk), "address").reveal() == ADDRESS
    assert case.bring_back() == 2
    assert case.deviating() == set()
    assert Channel.objects.filter(name="Tickets", enabled=True).count() == 3
    for entry in [*JournalEntry.objects.all(), *OrganizationJournalEntry.objects.all()]:
        assert "a-secret-path" not in str(entry.details)
    remove_baseline_channel(channel=row, by=case.by, tenants=case.tenants())
    assert Channel.objects.filter(name="Tickets").count() == 3


def test_a_channel_of_another_kind_is_replaced_when_brought_back(case: BaselineCustomers) -> None:
    add_channel(tenant=case.own, by=BY, name="Tickets", kind="slack", address=ADDRESS, kinds=["assigned"])
    add_webhook(case, case.save())
    assert case.deviating() == {("own", "channel:Tickets")}
    case.bring_back()
    assert Channel.objects.get(tenant=case.own).kind == "webhook"


@pytest.mark.slow(seconds=1)
def test_a_new_customer_gets_rules_channels_and_schedule(case: BaselineCustomers) -> None:
    baseline = case.save(schedule="off")
    given = {"baseline": baseline, "by": case.by, "tenants": case.tenants()}
    set_baseline_rule(**given, name="Storage", owner=case.by, section="storage")
    add_webhook(case, baseline)
    new = register_tenant(by=BY, organization=case.organization, name="New")
    assert rules_of(new) == [("Storage", "", True)]
    assert Channel.objects.filter(tenant=new).count() == 1
    assert not Schedule.objects.get(tenant=new).enabled
    # A customer can be registered although the owner in a rule of the baseline has left.
    membership = Membership.objects.get(person=case.by, organization=case.organization)
    factories.member(Role.ORGANIZATION_ADMINISTRATOR, case.organization)
    revoke_membership(by=BY, membership=membership)
    later = register_tenant(by=BY, organization=case.organization, name="Later")
    assert rules_of(later) == []
    assert ("Later", "owner_rule:Storage") in case.deviating()


def test_a_change_keeps_what_others_changed_meanwhile(case: BaselineCustomers) -> None:
    """Some actions get a baseline and customers that were read before other people changed them."""
    baseline = case.save(exception_cap_days=90)
    tenants, stale = case.tenants(), Baseline.objects.get(pk=baseline.pk)
    set_baseline_parameters(
        baseline=baseline, by=case.by, tenants=case.tenants(), slug=CONTROL, values={"max_age": 60}
    )
    change_tenant(by=BY, tenant=case.plain, exception_cap_days=20)
    set_baseline_rule(baseline=stale, by=case.by, tenants=tenants, name="Storage", owner=case.by)
    save_baseline(
        organization=case.organization,
        by=case.by,
        tenants=tenants,
        baseline=stale,
        name="All",
        label="",
        due_days={},
        exception_cap_days=60,
    )
    stored = Baseline.objects.get(pk=baseline.pk)
    assert stored.parameters == {CONTROL: {"max_age": 60}}
    assert [rule["name"] for rule in stored.owner_rules] == ["Storage"]
    assert case.caps() == [20, 60, 10]
    delete_baseline(baseline=baseline, by=case.by)
    with pytest.raises(Conflict, match="has deleted this baseline"):
        set_baseline_rule(baseline=stale, by=case.by, tenants=tenants, name="B", owner=case.by)


def test_a_refused_setting_names_its_customer_and_does_not_prevent_others(
    case: BaselineCustomers, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_rule(tenant=case.own, by=BY, name="Present", owner=case.by)
    baseline = case.save()
    monkeypatch.setattr("portal.treatment.actions.owners.rules.MAX_RULES", 1)
    given = {"baseline": baseline, "by": case.by, "tenants": case.tenants(), "owner": case.by}
    with pytest.raises(Conflict, match=r"^own: This customer has 1 owner rules"):
        set_baseline_rule(**given, name="Storage")
    monkeypatch.undo()
    set_baseline_rule(**given, name="Storage")
    OwnerRule.objects.filter(name="Storage").delete()
    case.save(baseline, exception_cap_days=90)
    monkeypatch.setattr("portal.treatment.actions.owners.rules.MAX_RULES", 1)
    applied = case.apply_all()
    # Three settings changed: the rules of “plain” and “gold”, and the maximum length of exceptions of “own”.
    assert applied.changed == 3
    ((deviation, reason),) = applied.refused
    assert (deviation.tenant, deviation.setting) == (case.own, "owner_rule:Storage")
    assert reason.startswith("own: This customer has 1 owner rules")
    assert case.caps() == [90, 90, 90]


def test_rules_and_channels_keep_their_names(case: BaselineCustomers) -> None:
    baseline = case.save()
    given = {"baseline": baseline, "by": case.by, "tenants": case.tenants(), "owner": case.by}
    set_baseline_rule(**given, name="Storage")
    row, _ = add_webhook(case, baseline)
    with pytest.raises(Conflict, match=r"the name of this .* cannot be changed"):
        set_baseline_rule(**given, position=0, name="Disks")
    with pytest.raises(Conflict, match=r"the name of this .* cannot be changed"):
        add_webhook(case, baseline, channel=row, name="Other")
    assert set(OwnerRule.objects.values_list("name", flat=True)) == {"Storage"}
    assert set(Channel.objects.values_list("name", flat=True)) == {"Tickets"}


def test_a_webhook_with_another_secret_deviates_and_gets_the_secret_of_the_baseline(
    case: BaselineCustomers,
) -> None:
    _, secret = add_webhook(case, case.save())
    channel = Channel.objects.get(tenant=case.own)
    rotate_secret(channel=channel, by=BY)
    assert case.deviating() == {("own", "channel:Tickets")}
    assert case.bring_back() == 1
    channel.refresh_from_db()
    assert unseal(channel, "secret").reveal() == secret
    assert JournalEntry.objects.filter(tenant=case.own, action="channel.secret_rotated").count() == 2
    for entry in [*JournalEntry.objects.all(), *OrganizationJournalEntry.objects.all()]:
        assert secret not in str(entry.details)
