"""The page of an organization's report settings, and the paper of its reports."""

from __future__ import annotations

from django.urls import reverse

from portal.reports.actions import request_report
from tenants.models import Organization, OrganizationJournalEntry, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def test_new_reports_have_the_paper_of_the_organization(world: World, sign_in: SignIn) -> None:
    administrator = sign_in(world.people["organization_administrator"])
    address = reverse("organization-reports", args=[world.organization.slug])
    assert administrator.post(address, {"paper": "a5", "link_days": "14"}).status_code == 400
    answer = administrator.post(address, {"paper": "letter", "link_days": "14"}, follow=True)
    assert "Report settings saved" in answer.content.decode()
    with organization_scope(world.organization.pk):
        assert Organization.objects.get(pk=world.organization.pk).report_paper == "letter"
        entry = OrganizationJournalEntry.objects.get(action="organization.report_paper_changed")
    assert entry.details == {"from": "a4", "to": "letter"}
    assert '<option value="letter" selected>' in page(administrator, "reports", world.home.slug)
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.select_related("organization").get(pk=world.home.pk)
        assert request_report(tenant=tenant, by=factories.BY).paper == "letter"
        assert request_report(tenant=tenant, by=factories.BY, paper="a4").paper == "a4"
