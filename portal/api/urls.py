"""The URLs of the API. The version is part of each URL."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import URLPattern, path, re_path
from rest_framework.views import APIView

from portal.api.contract_file import contract
from portal.api.listing import addresses
from portal.api.organization_urls import OF_ORGANIZATIONS
from portal.api.problems import not_found
from portal.api.v1 import (
    access_changes,
    assessments,
    bulk_jobs,
    channels,
    checks,
    comments,
    connection,
    controls,
    customer_figures,
    customers,
    deleted_reports,
    deliveries,
    events,
    exclusion_rules,
    foreign_subscriptions,
    frameworks,
    mute_lists,
    organizations,
    owner_rules,
    planned_changes,
    policy,
    preflights,
    report_links,
    report_schedules,
    reports,
    reviews,
    scan_imports,
    schedule,
    service_principals,
    sign_ins,
    subscriptions,
    tickets,
    treatments,
    watch,
    watch_rules,
)
from portal.api.v1.attestations import ATTESTATIONS
from portal.api.v1.changes import CHANGES
from portal.api.v1.exceptions import EXCEPTIONS
from portal.api.v1.findings import FINDINGS
from portal.api.v1.inventory import RESOURCES
from portal.api.v1.journal import JOURNAL
from portal.api.v1.members import MEMBERS

_CUSTOMER = "v1/customers/<slug:customer>"
_ORGANIZATION = "v1/organizations/<slug:organization>"
_PRINCIPAL = f"{_CUSTOMER}/service-principals/<uuid:pk>"


def _name_of(address: str) -> str:
    """Return the name of an action's URL pattern, such as `api-owner-rule-move` for `owner-rules/<uuid:pk>/move`."""
    plural, *_, action = address.split("/")
    singular = f"{plural.removesuffix('ies')}y" if plural.endswith("ies") else plural.removesuffix("s")
    return f"api-{singular}-{action}"


def _actions(*views_by_address: Mapping[str, type[APIView]]) -> list[URLPattern]:
    """Return the URL patterns of views. The keys of the mappings are the parts of the URLs below the customer."""
    return [
        path(f"{_CUSTOMER}/{address}", view.as_view(), name=_name_of(address))
        for views in views_by_address
        for address, view in views.items()
    ]


def _actions_on(plural: str, views: Mapping[str, type[APIView]]) -> list[URLPattern]:
    """Return the URL patterns of views for one object of a list. The keys of `views` are the last parts of the
    URLs.
    """
    return _actions({f"{plural}/<uuid:pk>/{action}": view for action, view in views.items()})


urlpatterns = [
    path("v1/openapi.json", contract, name="api-contract"),
    path("v1/events", events.EventsView.as_view(), name="api-events"),
    path("v1/token", customers.MeView.as_view(), name="api-token"),
    path("v1/controls", controls.ControlsView.as_view(), name="api-controls"),
    path("v1/controls/<slug:control>", controls.ControlView.as_view(), name="api-control"),
    path("v1/frameworks", frameworks.FrameworksView.as_view(), name="api-frameworks"),
    path(
        "v1/frameworks/<str:framework>/requirements",
        frameworks.RequirementsView.as_view(),
        name="api-requirements",
    ),
    path("v1/organizations", organizations.OrganizationsView.as_view(), name="api-organizations"),
    path(
        "v1/organizations/<slug:organization>",
        organizations.OrganizationView.as_view(),
        name="api-organization",
    ),
    *(
        path(f"{_ORGANIZATION}/{address}", view.as_view(), name=f"api-organization-{name}")
        for address, view, name in OF_ORGANIZATIONS
    ),
    path("v1/customer-figures", customer_figures.CustomerFiguresView.as_view(), name="api-customer-figures"),
    path("v1/customers", customers.CustomersView.as_view(), name="api-customers"),
    path(_CUSTOMER, customers.CustomerView.as_view(), name="api-customer"),
    *addresses(connection.DIRECTORIES),
    *addresses(connection.SERVICE_PRINCIPALS, lists=service_principals.ServicePrincipalsView),
    *_actions_on("service-principals", service_principals.ACTIONS),
    path(
        f"{_PRINCIPAL}/preflight", preflights.PreflightView.as_view(), name="api-service-principal-preflight"
    ),
    path(f"{_CUSTOMER}/sign-ins/<uuid:pk>", sign_ins.SignInView.as_view(), name="api-sign-in"),
    *addresses(connection.SUBSCRIPTIONS),
    *_actions_on("subscriptions", subscriptions.ACTIONS),
    *addresses(foreign_subscriptions.FOREIGN_SUBSCRIPTIONS),
    *_actions(foreign_subscriptions.ACTIONS),
    path(f"{_CUSTOMER}/schedule", schedule.ScheduleView.as_view(), name="api-schedule"),
    path(f"{_CUSTOMER}/watch", watch.WatchView.as_view(), name="api-watch"),
    *addresses(watch_rules.WATCH_RULES, lists=watch_rules.WatchRulesView, one=watch_rules.WatchRuleView),
    path(
        f"{_CUSTOMER}/shipped-watch-rules",
        watch_rules.ShippedWatchRulesView.as_view(),
        name="api-shipped-watch-rules",
    ),
    path(
        f"{_CUSTOMER}/shipped-watch-rules/<slug:rule>",
        watch_rules.ShippedWatchRuleView.as_view(),
        name="api-shipped-watch-rule",
    ),
    *addresses(planned_changes.PLANNED_CHANGES, lists=planned_changes.PlannedChangesView),
    *addresses(owner_rules.OWNER_RULES, lists=owner_rules.OwnerRulesView, one=owner_rules.OwnerRuleView),
    *addresses(
        exclusion_rules.EXCLUSION_RULES,
        lists=exclusion_rules.ExclusionRulesView,
        one=exclusion_rules.ExclusionRuleView,
    ),
    *_actions(watch_rules.ACTIONS, planned_changes.ACTIONS, owner_rules.ACTIONS, exclusion_rules.ACTIONS),
    path(f"{_CUSTOMER}/policy", policy.PolicyView.as_view(), name="api-policy"),
    path(
        f"{_CUSTOMER}/policy/controls/<slug:control>",
        policy.ParametersView.as_view(),
        name="api-policy-control",
    ),
    path(f"{_CUSTOMER}/policy/profile", policy.ProfileView.as_view(), name="api-policy-profile"),
    path(f"{_CUSTOMER}/policy/severity", policy.SeverityView.as_view(), name="api-policy-severity"),
    path(
        f"{_CUSTOMER}/policy/severity/preview",
        policy.SeverityPreviewView.as_view(),
        name="api-policy-severity-preview",
    ),
    path(
        f"{_CUSTOMER}/policy/controls/<slug:control>/switch",
        policy.SwitchView.as_view(),
        name="api-policy-switch",
    ),
    *addresses(MEMBERS),
    *addresses(access_changes.INVITATIONS, lists=access_changes.InvitationsView),
    *_actions(access_changes.ACTIONS),
    *addresses(channels.CHANNELS, lists=channels.ChannelsView, one=channels.ChannelView),
    *_actions_on("channels", channels.ACTIONS),
    *addresses(deliveries.FAILED_POSTS),
    *addresses(deliveries.FAILED_MAILS),
    *addresses(assessments.ASSESSMENTS, lists=assessments.AssessmentsView),
    path(
        f"{_CUSTOMER}/assessments/<int:number>/cancel",
        assessments.CancelView.as_view(),
        name="api-assessment-cancel",
    ),
    path(
        f"{_CUSTOMER}/assessments/<int:number>/retry",
        assessments.RetryView.as_view(),
        name="api-assessment-retry",
    ),
    *addresses(FINDINGS),
    path(
        f"{_CUSTOMER}/findings/<uuid:pk>/check", checks.FindingCheckView.as_view(), name="api-finding-check"
    ),
    *addresses(comments.COMMENTS, lists=comments.CommentsView, one=comments.CommentView),
    *addresses(comments.EXCEPTION_COMMENTS, lists=comments.ExceptionCommentsView),
    *_actions(comments.ACTIONS, reviews.ACTIONS, deliveries.ACTIONS),
    *addresses(bulk_jobs.BULK_JOBS, lists=bulk_jobs.BulkJobsView),
    *_actions(bulk_jobs.ACTIONS),
    *addresses(scan_imports.SCAN_IMPORTS, lists=scan_imports.ScanImportsView),
    *_actions_on("scan-imports", scan_imports.ACTIONS),
    *addresses(tickets.TICKETS, one=tickets.TicketDetail),
    *addresses(EXCEPTIONS, lists=treatments.ExceptionsView),
    path(
        f"{_CUSTOMER}/exceptions/mute-list", mute_lists.MuteListView.as_view(), name="api-exception-mute-list"
    ),
    *addresses(ATTESTATIONS),
    *_actions(treatments.ACTIONS),
    path(
        f"{_CUSTOMER}/frameworks",
        frameworks.CustomerFrameworksView.as_view(),
        name="api-customer-frameworks",
    ),
    path(
        f"{_CUSTOMER}/frameworks/<str:framework>/requirements",
        frameworks.CustomerRequirementsView.as_view(),
        name="api-requirement-results",
    ),
    *addresses(RESOURCES),
    *addresses(CHANGES),
    *addresses(reports.REPORTS, lists=reports.ReportsView),
    path(f"{_CUSTOMER}/reports/<int:number>/cancel", reports.CancelView.as_view(), name="api-report-cancel"),
    path(f"{_CUSTOMER}/reports/<int:number>/revoke", reports.RevokeView.as_view(), name="api-report-revoke"),
    path(
        f"{_CUSTOMER}/deleted-reports",
        deleted_reports.DeletedReportsView.as_view(),
        name="api-deleted-reports",
    ),
    path(
        f"{_CUSTOMER}/deleted-reports/revoke",
        deleted_reports.RevokeDeletedView.as_view(),
        name="api-deleted-report-revoke",
    ),
    *addresses(
        report_schedules.REPORT_SCHEDULES,
        lists=report_schedules.ReportSchedulesView,
        one=report_schedules.ReportScheduleView,
    ),
    *addresses(report_links.REPORT_LINKS, lists=report_links.ReportLinksView),
    *addresses(report_links.REPORT_DELIVERIES),
    *_actions(report_schedules.ACTIONS, report_links.ACTIONS),
    path(f"{_CUSTOMER}/reports/<int:number>/file", reports.ReportFileView.as_view(), name="api-report-file"),
    *addresses(JOURNAL),
    re_path(r"^[\s\S]*$", not_found, name="api-nothing"),
]
