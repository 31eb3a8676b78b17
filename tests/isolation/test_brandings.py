"""The database refuses reports with the branding of another organization, even in raw SQL."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.models import Assessment
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report, ReportBranding
from tenants.ids import uuid7
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.isolation.raw_sql import sql

pytestmark = pytest.mark.django_db


def branding(tenant: Tenant) -> UUID:
    with organization_scope(tenant.organization_id):
        row = ReportBranding(organization_id=tenant.organization_id, label="", version=1, accent="#224466")
        row.save()
        return row.pk


def test_a_portfolio_report_cannot_have_the_branding_of_another_organization() -> None:
    home, foreign = factories.tenant(), factories.tenant()
    own, other = branding(home), branding(foreign)
    with organization_scope(home.organization_id):
        row = PortfolioReport(organization_id=home.organization_id, number=1, title="t", customers=[home.pk])
        row.save()
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        change = "UPDATE portfolio_reports_portfolioreport SET branding_id = %s WHERE id = %s"
        copy = (
            "INSERT INTO portfolio_reports_portfolioreport SELECT (json_populate_record(p, json_build_object("
            "'id', %s::text, 'number', 2, 'branding_id', %s::text))).* FROM portfolio_reports_portfolioreport p"
        )
        for statement, values in ((change, (other, row.pk)), (copy, (uuid7(), other))):
            with pytest.raises(IntegrityError, match="portfolio_report_branding"), transaction.atomic():
                sql(statement, *map(str, values))
        assert sql(change, own, row.pk) == [(1,)]
        assert sql(copy, str(uuid7()), str(own)) == [(1,)]


def test_a_report_cannot_have_the_branding_of_another_organization() -> None:
    home, foreign = factories.tenant(), factories.tenant()
    own, other = branding(home), branding(foreign)
    with tenant_scope(home.pk):
        assessment = Assessment.objects.create(tenant=home, number=1)
        row = Report(tenant=home, number=1, title="t", assessment=assessment, as_of=timezone.now())
        row.save()
        change = "UPDATE reports_report SET branding_id = %s WHERE id = %s"
        copy = (
            "INSERT INTO reports_report SELECT (json_populate_record(r, json_build_object("
            "'id', %s::text, 'number', 2, 'branding_id', %s::text))).* FROM reports_report r"
        )
        for statement, values in ((change, (other, row.pk)), (copy, (uuid7(), other))):
            with pytest.raises(IntegrityError, match="another organization"), transaction.atomic():
                sql(statement, *map(str, values))
        assert sql(change, own, row.pk) == [(1,)]
        assert sql(copy, str(uuid7()), str(own)) == [(1,)]
