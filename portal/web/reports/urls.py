"""The URLs of reports, their schedules, deliveries and links, and of verification."""

from __future__ import annotations

from portal.accounts.sign_in.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import form, guarded, page, public, under
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
from portal.web.shared.recorded_downloads import recorded

urlpatterns = [
    *under(
        navigation.REPORTS,
        page("t/<slug:slug>/reports/", reports.reports, "reports"),
        form("t/<slug:slug>/reports/build/", reports.build, "report-build"),
        page("t/<slug:slug>/reports/<int:number>/", reports.report, "report"),
        guarded("t/<slug:slug>/reports/<int:number>/revoke/", reports.revoke, "report-revoke"),
        page("t/<slug:slug>/reports/deleted/", deleted.deleted, "reports-deleted"),
        guarded("t/<slug:slug>/reports/deleted/revoke/", deleted.revoke, "report-revoke-deleted"),
        page("t/<slug:slug>/reports/<uuid:pk>/", recorded(reports.download), "report-download"),
        page("t/<slug:slug>/reports/<uuid:pk>/evidence/", recorded(reports.bundle), "report-bundle"),
        form("t/<slug:slug>/reports/<uuid:pk>/cancel/", reports.cancel, "report-cancel"),
        guarded("t/<slug:slug>/reports/deliveries/<uuid:pk>/send/", deliveries.send, "report-send-again"),
        form(
            "t/<slug:slug>/reports/<int:number>/link/",
            step_up_to_change(links.add),
            "report-link-add",
        ),
        guarded("t/<slug:slug>/reports/links/<uuid:pk>/revoke/", links.revoke, "report-link-revoke"),
    ),
    *under(
        navigation.REPORT_SCHEDULES,
        page("t/<slug:slug>/reports/schedules/", schedules.schedules, "report-schedules"),
        form(
            "t/<slug:slug>/reports/schedules/add/",
            step_up_to_change(schedules.add),
            "report-schedule-add",
        ),
        form(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/",
            step_up_to_change(schedules.edit),
            "report-schedule",
        ),
        guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/switch/",
            schedules.switch,
            "report-schedule-switch",
        ),
        guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/remove/",
            schedules.remove,
            "report-schedule-remove",
        ),
        guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/confirm/",
            schedules.confirm,
            "report-schedule-confirm",
        ),
        guarded("t/<slug:slug>/reports/schedules/<uuid:pk>/run/", schedules.run, "report-schedule-run"),
    ),
    *under(
        navigation.ORGANIZATION_REPORT_SCHEDULES,
        page(
            "organizations/<slug:slug>/settings/report-schedules/",
            organization_schedules.schedules,
            "organization-report-schedules",
        ),
        form(
            "organizations/<slug:slug>/settings/report-schedules/add/",
            step_up_to_change(organization_schedules.add),
            "organization-report-schedule-add",
        ),
        form(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/",
            step_up_to_change(organization_schedules.edit),
            "organization-report-schedule",
        ),
        guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/switch/",
            organization_schedules.switch,
            "organization-report-schedule-switch",
        ),
        guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/remove/",
            organization_schedules.remove,
            "organization-report-schedule-remove",
        ),
        guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/confirm/",
            organization_schedules.confirm,
            "organization-report-schedule-confirm",
        ),
        guarded(
            "organizations/<slug:slug>/settings/report-schedules/<uuid:pk>/run/",
            organization_schedules.run,
            "organization-report-schedule-run",
        ),
    ),
    *under(
        navigation.PORTFOLIO_REPORTS,
        guarded(
            "organizations/<slug:slug>/portfolio-reports/deliveries/<uuid:pk>/send/",
            deliveries.send_portfolio,
            "portfolio-report-send-again",
        ),
        page(
            "organizations/<slug:slug>/portfolio-reports/",
            portfolio_reports.portfolio_reports,
            "portfolio-reports",
        ),
        form(
            "organizations/<slug:slug>/portfolio-reports/build/",
            portfolio_reports.build,
            "portfolio-report-build",
        ),
        page(
            "organizations/<slug:slug>/portfolio-reports/<int:number>/",
            portfolio_reports.portfolio_report,
            "portfolio-report",
        ),
        guarded(
            "organizations/<slug:slug>/portfolio-reports/<int:number>/revoke/",
            portfolio_reports.revoke,
            "portfolio-report-revoke",
        ),
        page(
            "organizations/<slug:slug>/portfolio-reports/<uuid:pk>/",
            portfolio_reports.download,
            "portfolio-report-download",
        ),
        form(
            "organizations/<slug:slug>/portfolio-reports/<uuid:pk>/cancel/",
            portfolio_reports.cancel,
            "portfolio-report-cancel",
        ),
        form(
            "organizations/<slug:slug>/portfolio-reports/<int:number>/link/",
            step_up_to_change(portfolio_links.add),
            "portfolio-report-link-add",
        ),
        guarded(
            "organizations/<slug:slug>/portfolio-reports/links/<uuid:pk>/revoke/",
            portfolio_links.revoke,
            "portfolio-report-link-revoke",
        ),
    ),
    *under(
        navigation.VERIFY,
        public("verify/", verify.verify, "verify"),
        public("verify/surety_verify.py", verify.offline_verifier, "offline-verifier"),
        public("verify/surety-verify.pyz", verify.reperformance_program, "surety-verify"),
        public("verify/verify_journal.py", verify.journal_verifier, "journal-verifier"),
        public("verify/schemas/<slug:name>.schema.json", verify.report_schema, "report-schema"),
    ),
    # This page is not in the navigation, because people open it with a link that somebody sent to them.
    public("report-links/<str:token>/", links.report_link, "report-link"),
]
