"""People who decide for a customer learn that a control was switched off, or left the profile."""

from __future__ import annotations

import pytest

from assessments.actions.profiles import switch_on
from assessments.controls.profiles import EVERYTHING, OWN
from assessments.controls.registry import catalogue
from portal.notify.actions.channels import add_channel
from portal.notify.models import Notice, Post
from portal.treatment.actions.control_switches import KIND, change_profile, switch_control_off
from portal.treatment.naming import control_title
from tenants.errors import Conflict, InvalidInput
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.treatment.assessments import store_ended_assessment

pytestmark = pytest.mark.django_db

SLUG = "storage-secure-transfer"


def notified(tenant: Tenant) -> list[str]:
    with factories.in_tenant(tenant):
        return sorted(Notice.objects.filter(kind=KIND).values_list("person__email", flat=True))


def test_administrators_and_approvers_get_a_notice_and_channels_the_event() -> None:
    tenant = factories.tenant()
    people = {role: factories.member(role, tenant) for role in Role if not role.startswith("organization")}
    administrator, colleague = (
        people[Role.TENANT_ADMINISTRATOR],
        factories.member(Role.TENANT_ADMINISTRATOR, tenant),
    )
    with factories.in_tenant(tenant):
        add_channel(
            tenant=tenant,
            by=administrator,
            name="Security team",
            kind="webhook",
            address="https://hooks.example.com/security",
            kinds=[KIND],
        )
        switch_control_off(tenant=tenant, by=administrator, slug=SLUG, reason="Another product does this.")
    assert notified(tenant) == sorted([people[Role.APPROVER].email, colleague.email])
    with factories.in_tenant(tenant):
        notice, post = Notice.objects.filter(kind=KIND)[0], Post.objects.get(kind=KIND)
    assert notice.title.startswith("The control “")
    assert "Another product does this." in notice.body
    assert (notice.path, post.payload["data"]) == (f"/t/{tenant.slug}/settings/profile/", {"control": SLUG})


def test_each_switch_is_its_own_event_and_refusals_are_none() -> None:
    tenant = factories.tenant()
    administrator, approver = (
        factories.member(Role.TENANT_ADMINISTRATOR, tenant),
        factories.member(Role.APPROVER, tenant),
    )
    with factories.in_tenant(tenant):
        for reason in ("First", "Second"):
            switch_control_off(tenant=tenant, by=administrator, slug=SLUG, reason=reason)
            with pytest.raises(Conflict):
                switch_control_off(tenant=tenant, by=administrator, slug=SLUG, reason="Again")
            switch_on(tenant=tenant, by=administrator, slug=SLUG)
        with pytest.raises(InvalidInput):
            switch_control_off(tenant=tenant, by=administrator, slug=SLUG, reason=" ")
    assert notified(tenant) == [approver.email] * 2


def assessed_tenant() -> tuple[Tenant, Person, Person]:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        store_ended_assessment(tenant, 1)
    return (
        tenant,
        factories.member(Role.TENANT_ADMINISTRATOR, tenant),
        factories.member(Role.APPROVER, tenant),
    )


def test_approvers_learn_which_controls_a_new_profile_lacks() -> None:
    tenant, administrator, approver = assessed_tenant()
    everything_else = [slug for slug in catalogue() if slug != SLUG]
    with factories.in_tenant(tenant):
        change_profile(tenant=tenant, by=administrator, profile=OWN, controls=everything_else)
        # Choosing the same profile again, or one with more controls, causes no notice: no control leaves the profile.
        change_profile(tenant=tenant, by=administrator, profile=OWN, controls=everything_else)
        change_profile(tenant=tenant, by=administrator, profile=EVERYTHING)
        notice = Notice.objects.get(kind=KIND)
    assert notice.person == approver
    assert notice.title == f"The new profile of controls lacks the control “{control_title(SLUG)}”"
    assert notice.body.split("\n")[0] == "Profile: Own choice"


def test_the_notice_about_a_profile_names_ten_controls_and_leaves_out_switched_off_ones() -> None:
    tenant, administrator, approver = assessed_tenant()
    with factories.in_tenant(tenant):
        switch_control_off(tenant=tenant, by=administrator, slug=SLUG, reason="Another product does this.")
        change_profile(tenant=tenant, by=administrator, profile=OWN, controls=["storage-min-tls"])
        notice = Notice.objects.get(kind=KIND, title__startswith="The new profile")
    left = len(catalogue()) - 2
    assert notice.title == f"The new profile of controls lacks {left} controls of the previous one"
    assert notice.body.split("\n")[-1] == f"and {left - 10} more"
    assert f"“{control_title(SLUG)}”" not in notice.body
    assert notified(tenant) == [approver.email] * 2


def test_the_first_profile_of_a_customer_needs_no_notice() -> None:
    tenant = factories.tenant()
    administrator, _ = (
        factories.member(Role.TENANT_ADMINISTRATOR, tenant),
        factories.member(Role.APPROVER, tenant),
    )
    with factories.in_tenant(tenant):
        change_profile(tenant=tenant, by=administrator, profile="mcsb-1")
    assert notified(tenant) == []
