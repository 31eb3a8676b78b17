"""The whole path: somebody opens a port, the watch finds it, the owner is notified, the review is recorded, and the
change report states it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.changes.models import ResourceChange
from portal.notify.models import Channel, Notice, Post
from portal.reports.actions import build_report, read_file
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.offline.bundle import PATH
from portal.reports.records.installation_trust import installation_trust
from portal.reports.verification.verify import verify_pdf
from portal.treatment.actions.owners.assign import assign
from tenants.actors import System
from tenants.models import JournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import person_scope, tenant_scope
from tests import factories
from tests.assessments.actions.watch import watched as w
from tests.assessments.sandboxed_customer import Customer
from tests.portal.notify.outbox import add_channel
from tests.signed_in import signed_in_client


@pytest.mark.slow(seconds=3)
def test_an_opened_port_is_shown_told_reviewed_and_reported(customer: Customer, tmp_path: Path) -> None:
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
        line = Notice.objects.get(person=owner, kind="change_of_owned").body
    assert line.startswith("By robin.hale@contractor.example, resource group "), line
    assert {"reopened", "change_of_owned"} <= kinds
    assert post.payload["data"]["changes"][0]["actors"] == ["robin.hale@contractor.example"]
    assert post.payload["title"].startswith("Worsened verdicts: nsg1 was changed: ")
    assert "securityRules" in post.payload["title"]
    client = signed_in_client(reviewer)
    pages = {
        "change": reverse("resource-change", args=[tenant.slug, change.pk]),
        "resource": reverse("resource", args=[tenant.slug, change.resource_id]),
    }
    for name, address in pages.items():
        html = " ".join(client.get(address).content.decode().split())
        words = (
            "securityRules",
            "3389",
            "absent",
            "Robin Hale",
            "robin.hale@contractor.example",
            "Microsoft.Network/networkSecurityGroups/securityRules/write",
            *(("203.0.113.24", "Pass → Fail") if name == "change" else ()),
        )
        assert [word for word in words if word not in html] == [], name
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
    _the_report_states_the_change(tenant, change, tmp_path / "report.pdf")


def _the_report_states_the_change(tenant: Tenant, change: ResourceChange, path: Path) -> None:
    """Build the change report, and let Surety, the single-file verifier and pdfsig verify it."""
    with tenant_scope(tenant.pk):
        first, *_, last = Assessment.objects.order_by("number")
        report = build_report(
            tenant=tenant, by=System("test"), kind="changes", assessment=last, baseline=first
        )
        data = read_file(report=report, by=System("test"))
        assert data is not None
    path.write_bytes(data)
    with pikepdf.open(path) as pdf:
        results = json.loads(pdf.attachments["results.json"].get_file().read_bytes())
    (row,) = [one for one in results["resource_changes"]["changes"] if one["change"] == str(change.pk)]
    assert row["actors"] == ["Robin Hale (robin.hale@contractor.example)"]
    assert (row["review"], row["review_reason"]) == ("unexpected", "Nobody asked for it")
    assert "destinationPortRange 3389" in row["properties"][0]["summary"]
    assert ("network-rdp-from-internet", "pass", "fail") in [
        (one["control"], one["before"], one["after"]) for one in row["verdicts"]
    ]
    found = verify_pdf(data, installation_trust())
    assert found.valid, found.problems
    own = ensure_signing_identity().fingerprint
    for command, words in (
        ([sys.executable, "-P", str(PATH), str(path), "--fingerprint", own], ("valid",)),
        (["pdfsig", str(path)], ("Signature is Valid", "Total document signed")),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert all(word in done.stdout for word in words), done.stdout
