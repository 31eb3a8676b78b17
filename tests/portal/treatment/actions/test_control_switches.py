"""People who decide for a customer learn that a control was switched off."""

from __future__ import annotations

import pytest

from assessments.actions.profiles import switch_on
from portal.notify.actions.channels import add_channel
from portal.notify.models import Notice, Post
from portal.treatment.actions.control_switches import KIND, switch_control_off
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.roles import Role
from tests import factories

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
