"""The page of an organization's report settings, and the paper and language of its reports."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.reports.actions import request_report
from tenants.models import Organization, OrganizationJournalEntry, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


@pytest.mark.slow(seconds=1)
def test_new_reports_have_the_paper_and_language_of_the_organization(world: World, sign_in: SignIn) -> None:
    administrator = sign_in(world.people["organization_administrator"])
    address = reverse("organization-reports", args=[world.organization.slug])
    for wrong in ({"paper": "a5"}, {"language": "fr"}):
        sent = {"paper": "a4", "language": "en", "link_days": "14", **wrong}
        assert administrator.post(address, sent).status_code == 400
    answer = administrator.post(
        address, {"paper": "letter", "language": "de", "link_days": "14"}, follow=True
    )
    assert "Report settings saved" in answer.content.decode()
    with organization_scope(world.organization.pk):
        assert Organization.objects.get(pk=world.organization.pk).report_paper == "letter"
        entry = OrganizationJournalEntry.objects.get(action="organization.report_paper_changed")
        language = OrganizationJournalEntry.objects.get(action="organization.report_language_changed")
    assert entry.details == {"from": "a4", "to": "letter"}
    assert language.details == {"from": "en", "to": "de"}
    assert '<option value="letter" selected>' in page(administrator, "reports", world.home.slug)
    offered = administrator.get(reverse("reports", args=[world.home.slug]), {"kind": "executive"})
    assert '<option value="de" selected>' in offered.content.decode()
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.select_related("organization").get(pk=world.home.pk)
        assert request_report(tenant=tenant, by=factories.BY).paper == "letter"
        assert request_report(tenant=tenant, by=factories.BY, paper="a4").paper == "a4"
        assert request_report(tenant=tenant, by=factories.BY, kind="executive").language == "de"
