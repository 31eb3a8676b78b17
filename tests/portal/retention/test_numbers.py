"""Deleting old data changes no number: pages show the same before and after, except lists of what was deleted."""

from __future__ import annotations

import re

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, EvidenceItem, FindingChange, ResourceVersion
from portal.retention.actions.runs import carry_out, request_run
from portal.retention.models import RetentionRun
from tests import factories
from tests.factories import BY
from tests.portal.retention.customers import Customer
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

OWN = ("tenant", "findings", "exceptions", "attestations", "tenant-workload", "tenant-frameworks")
EVERYWHERE = ("portfolio", "all-findings", "controls", "workload", "my")


def old_history(world: World) -> Customer:
    """Add old assessments 1 to 3 to the customer, and return it. Assessments 1 and 2 can be deleted."""
    with factories.in_tenant(world.home):
        # Free the numbers 1 to 3. Begin with the last assessment, because numbers are unique.
        for row in Assessment.objects.order_by("-number"):
            Assessment.objects.filter(pk=row.pk).update(number=F("number") + 10)
    c = Customer(tenant=world.home)
    for name in ("a", "b", "c"):
        c.document(name, 2000)
    ran = [c.assessment(number, 2000 - number, [name]) for number, name in enumerate("abc", 1)]
    finding = c.finding(99, unit=f"/subscriptions/{world.of(world.home)['subscription'].subscription_id}")
    for row, (before, after) in zip(
        ran, [("", "fail"), ("fail", "pass"), ("pass", "not_applicable")], strict=True
    ):
        c.change(finding, row, before, after)
    return c


def shown(client: Client, world: World) -> dict[str, str]:
    pages = {name: reverse(name, args=[world.home.slug]) for name in OWN}
    pages["findings-all"] = reverse("findings", args=[world.home.slug]) + "?facets=all"
    pages["finding"] = reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk])
    pages["assessment"] = reverse("assessment", args=[world.home.slug, world.of(world.home)["assessment"].pk])
    pages |= {name: reverse(name) for name in EVERYWHERE}
    found = {}
    for name, url in pages.items():
        answer = client.get(url)
        assert answer.status_code == 200, url
        html = re.sub(r"<script.*?</script>|<[^>]*>", " ", answer.content.decode(), flags=re.DOTALL)
        found[name] = re.sub(r"\b(just now|\d+ (second|minute)s? ago)", "", " ".join(html.split()))
    return found


def counts(world: World) -> list[int]:
    with factories.in_tenant(world.home):
        return [m.objects.count() for m in (EvidenceItem, FindingChange, Assessment, ResourceVersion)]


@pytest.mark.slow(seconds=1)
def test_pages_show_the_same_numbers(world: World) -> None:
    old_history(world)
    client = signed_in_client(world.people["organization_engineer"])
    before, rows = shown(client, world), counts(world)
    with factories.in_tenant(world.home):
        run = request_run(tenant=world.home, by=BY, dry_run=False)
    carry_out(tenant_id=world.home.pk, run_id=run.pk)
    with factories.in_tenant(world.home):
        assert RetentionRun.objects.get(pk=run.pk).state == "done"
    deleted = [was - now for was, now in zip(rows, counts(world), strict=True)]
    assert deleted[0] > 0
    assert deleted[1:3] == [2, 2]
    after = shown(client, world)
    for name, text in before.items():
        assert after[name] == text, name
