"""The whole path: somebody opens a port, the watch finds it, the owner is notified, and the review is recorded."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.changes.models import ResourceChange
from portal.notify.models import Channel, Notice, Post
from portal.treatment.actions.owners import assign
from tenants.models import JournalEntry
from tenants.roles import Role
from tenants.scope import person_scope, tenant_scope
from tests import factories
from tests.assessments.actions import watched as w
from tests.assessments.sandboxed_customer import Customer
from tests.portal.notify.outbox import add_channel
from tests.signed_in import signed_in_client


def test_an_opened_port_is_shown_told_and_reviewed(customer: Customer) -> None:
    tenant = customer.tenant
    owner = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    reviewer = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    w.watched(customer)
    channel, _ = add_channel(tenant, "https://hooks.example.com/")
    with person_scope(reviewer):
        found = Finding.objects.filter(control="network-rdp-from-internet", subject__iexact=w.NSG)
        assert found.get().outcome == "pass"
        assign(tenant=tenant, findings=found, owner=owner, by=reviewer)
        Channel.objects.filter(pk=channel.pk).update(kinds=["change_caught"])

    w.acts(customer, "open-port", w.NSG, "--port", "3389")
    w.turn(customer)

    with tenant_scope(tenant.pk):
        change = ResourceChange.objects.get()
        assert Finding.objects.get(control="network-rdp-from-internet", subject__iexact=w.NSG).state == "open"
        kinds = set(Notice.objects.filter(person=owner).values_list("kind", flat=True))
        post = Post.objects.get(channel=channel, kind="change_caught")
    assert {"reopened", "change_of_owned"} <= kinds
    assert post.payload["data"]["changes"][0]["actors"] == ["robin.hale@contractor.example"]
    assert post.payload["title"] == "Worsened verdicts: nsg1 was changed"
    client = signed_in_client(reviewer)
    address = reverse("resource-change", args=[tenant.slug, change.pk])
    html = " ".join(client.get(address).content.decode().split())
    for text in (
        "securityRules",
        "3389",
        "absent",
        "Robin Hale (robin.hale@contractor.example)",
        "203.0.113.24",
        "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "Pass → Fail",
    ):
        assert text in html, text
    assert "Operations may be missing" not in html
    given = {
        "change": change.pk,
        "decision": "unexpected",
        "reason": "Nobody asked for it",
        "owner": owner.pk,
    }
    due = f"{timezone.now() + timedelta(days=2):%Y-%m-%d}"
    answer = client.post(reverse("resource-changes-review", args=[tenant.slug]), {**given, "due": due})
    assert answer.status_code == 302
    with tenant_scope(tenant.pk):
        change.refresh_from_db()
        assert (change.state, change.owner_id, change.reviewed_by_id) == ("unexpected", owner.pk, reviewer.pk)
        assert Notice.objects.filter(person=owner, kind="change_assigned").count() == 1
        entry = JournalEntry.objects.get(tenant=tenant, action="change.unexpected")
        assert entry.details["owner"] == owner.email
    w.turn(customer)
    with tenant_scope(tenant.pk):
        assert Post.objects.filter(kind="change_caught").count() == 1
        assert Notice.objects.filter(person=owner, kind="change_of_owned").count() == 1
