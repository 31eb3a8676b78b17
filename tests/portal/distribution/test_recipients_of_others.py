"""Schedules of an organization do not show recipients of other customers to a customer."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest
from django.urls import reverse

from portal.offboarding.exports.actions import request_export, run_export
from portal.offboarding.models import CustomerExport
from tenants.roles import Role
from tests import factories
from tests.portal.distribution.organization_schedules import CFO, all_customers, copy_of
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


@pytest.mark.slow(seconds=1)
def test_a_customer_sees_no_recipients_of_other_customers(world: World) -> None:
    other = factories.tenant(world.organization, "Fabrikam")
    theirs = factories.member(
        Role.AUDITOR, other, factories.person("vera@fabrikam.example", "Vera of Fabrikam")
    )
    ours, everybody = world.people["auditor"], world.people["organization_engineer"]
    everyone = sorted([theirs.pk, ours.pk, everybody.pk])
    origin = all_customers(world, people=everyone, addresses=[CFO])
    assert copy_of(origin, world.home).people == sorted([ours.pk, everybody.pk])
    assert copy_of(origin, other).people == sorted([theirs.pk, everybody.pk])
    for who in ("auditor", "organization_administrator"):
        shown = page(signed_in_client(world.people[who]), "report-schedules", world.home.slug)
        assert "Auditor" in shown
        assert "set by the organization" in shown
        assert "abrikam" not in shown
    with factories.in_tenant(world.home):
        export = request_export(tenant=world.home, by=factories.BY)
    run_export(tenant_id=world.home.pk, export_id=export.pk)
    with factories.in_tenant(world.home):
        export = CustomerExport.objects.get(pk=export.pk)
    client = signed_in_client(world.people["organization_administrator"])
    data = b"".join(client.post(reverse("customer-export", args=[world.home.slug, export.pk])))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        lines = archive.read("tables/distribution.ReportSchedule.jsonl").decode().splitlines()
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    (row,) = [json.loads(line) for line in lines]
    assert (row["people"], row["addresses"]) == ([], [])
    assert "abrikam" not in whole
    assert str(theirs.pk) not in whole
