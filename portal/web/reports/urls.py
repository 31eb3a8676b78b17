"""The addresses of reports, their schedules, deliveries and links, and of verification."""

from __future__ import annotations

from portal.accounts.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _guarded, _page, _public, _under
from portal.web.reports.views import (
    deleted,
    deliveries,
    links,
    organization_schedules,
    portfolio_links,
    portfolio_reports,
    reports,
    schedules,
    verify,
)
from portal.web.shared.recorded import recorded

urlpatterns = [
    *_under(
        navigation.REPORTS,
        _page("t/<slug:slug>/reports/", reports.reports, "reports"),
        _form("t/<slug:slug>/reports/build/", reports.build, "report-build"),
        _page("t/<slug:slug>/reports/<int:number>/", reports.report, "report"),
        _guarded("t/<slug:slug>/reports/<int:number>/revoke/", reports.revoke, "report-revoke"),
        _page("t/<slug:slug>/reports/deleted/", deleted.deleted, "reports-deleted"),
        _guarded("t/<slug:slug>/reports/deleted/revoke/", deleted.revoke, "report-revoke-deleted"),
        _page("t/<slug:slug>/reports/<uuid:pk>/", recorded(reports.download), "report-download"),
        _page("t/<slug:slug>/reports/<uuid:pk>/evidence/", reports.bundle, "report-bundle"),
        _form("t/<slug:slug>/reports/<uuid:pk>/cancel/", reports.cancel, "report-cancel"),
        _guarded("t/<slug:slug>/reports/deliveries/<uuid:pk>/send/", deliveries.send, "report-send-again"),
        _form(
            "t/<slug:slug>/reports/<int:number>/link/",
            step_up_to_change(links.add),
            "report-link-add",
        ),
        _guarded("t/<slug:slug>/reports/links/<uuid:pk>/revoke/", links.revoke, "report-link-revoke"),
    ),
    *_under(
        navigation.REPORT_SCHEDULES,
        _page("t/<slug:slug>/reports/schedules/", schedules.schedules, "report-schedules"),
        _form(
            "t/<slug:slug>/reports/schedules/add/",
            step_up_to_change(schedules.add),
            "report-schedule-add",
        ),
        _form(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/",
            step_up_to_change(schedules.edit),
            "report-schedule",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/switch/",
            schedules.switch,
            "report-schedule-switch",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/remove/",
            schedules.remove,
            "report-schedule-remove",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/confirm/",
            schedules.confirm,
            "report-schedule-confirm",
        ),
        _guarded("t/<slug:slug>/reports/schedules/<uuid:pk>/run/", schedules.run, "report-schedule-run"),
    ),
    *_under(
        navigation.ORGANIZATION_REPORT_SCHEDULES,
        _page(
            "organizations/<slug:slug>/settings/report-schedules/",
            organization_schedules.schedules,
            "organization-report-schedules",
        ),
        _form(
            "organizations/<slug:slug>/settings/report-schedules/add/",
            step_up_to_change(organization_schedules.add),
            "organization-report-schedule-add",
        ),
        _form(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/",
            step_up_to_change(organization_schedules.edit),
            "organization-report-schedule",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/switch/",
            organization_schedules.switch,
            "organization-report-schedule-switch",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/remove/",
            organization_schedules.remove,
            "organization-report-schedule-remove",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/confirm/",
            organization_schedules.confirm,
            "organization-report-schedule-confirm",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/run/",
            organization_schedules.run,
            "organization-report-schedule-run",
        ),
    ),
    *_under(
        navigation.PORTFOLIO_REPORTS,
        _guarded(
            "organizations/<slug:slug>/portfolio-reports/deliveries/<uuid:pk>/send/",
            deliveries.send_portfolio,
            "portfolio-report-send-again",
        ),
        _page(
            "organizations/<slug:slug>/portfolio-reports/",
            portfolio_reports.portfolio_reports,
            "portfolio-reports",
        ),
        _form(
            "organizations/<slug:slug>/portfolio-reports/build/",
            portfolio_reports.build,
            "portfolio-report-build",
        ),
        _page(
            "organizations/<slug:slug>/portfolio-reports/<int:number>/",
            portfolio_reports.portfolio_report,
            "portfolio-report",
        ),
        _guarded(
            "organizations/<slug:slug>/portfolio-reports/<int:number>/revoke/",
            portfolio_reports.revoke,
            "portfolio-report-revoke",
        ),
        _page(
            "organizations/<slug:slug>/portfolio-reports/<uuid:pk>/",
            portfolio_reports.download,
            "portfolio-report-download",
        ),
        _form(
            "organizations/<slug:slug>/portfolio-reports/<uuid:pk>/cancel/",
            portfolio_reports.cancel,
            "portfolio-report-cancel",
        ),
        _form(
            "organizations/<slug:slug>/portfolio-reports/<int:number>/link/",
            step_up_to_change(portfolio_links.add),
            "portfolio-report-link-add",
        ),
        _guarded(
            "organizations/<slug:slug>/portfolio-reports/links/<uuid:pk>/revoke/",
            portfolio_links.revoke,
            "portfolio-report-link-revoke",
        ),
    ),
    *_under(
        navigation.VERIFY,
        _public("verify/", verify.verify, "verify"),
        _public("verify/surety_verify.py", verify.offline_verifier, "offline-verifier"),
        _public("verify/surety-verify.pyz", verify.reperformance_program, "surety-verify"),
        _public("verify/schemas/<slug:name>.schema.json", verify.report_schema, "report-schema"),
    ),
    # Addresses without an entry in the navigation.
    _public("report-links/<str:token>/", links.report_link, "report-link"),
]
