"""The URLs of the API below an organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rest_framework.views import APIView

from portal.api.v1 import (
    baseline_deviations,
    baseline_parts,
    baselines,
    campaigns,
    default_schedule,
    delegations,
    managing_principals,
    organization_report_schedules,
    own_controls,
    portfolio_links,
    portfolio_reports,
    report_settings,
    service_accounts,
    ticket_projects,
    ticket_rules,
    ticket_systems,
    tickets,
)

type _Addresses = tuple[tuple[str, type[APIView], str], ...]


def _actions_on(plural: str, views: Mapping[str, type[APIView]]) -> _Addresses:
    """Return (address, view, name) for each view of an object. The keys of `views` are the ends of the addresses."""
    return tuple(
        (f"{plural}/<uuid:pk>/{action}", view, f"{plural.removesuffix('s')}-{action.replace('/', '-')}")
        for action, view in views.items()
    )


_SCHEDULE: _Addresses = (("default-schedule", default_schedule.DefaultScheduleView, "default-schedule"),)
_SERVICE_ACCOUNTS: _Addresses = (
    ("service-accounts", service_accounts.ServiceAccountsView, "service-accounts"),
    ("service-accounts/<uuid:pk>/client-secrets", service_accounts.ClientSecretsView, "client-secrets"),
    (
        "service-accounts/<uuid:pk>/client-secrets/<uuid:secret>/revoke",
        service_accounts.RevokeSecretView,
        "client-secret-revoke",
    ),
)
_TICKETS: _Addresses = (
    ("ticket-systems", ticket_systems.TicketSystemsView, "ticket-systems"),
    ("ticket-systems/<uuid:pk>", ticket_systems.TicketSystemView, "ticket-system"),
    *_actions_on("ticket-systems", ticket_systems.ACTIONS),
    (
        "ticket-systems/<uuid:pk>/customers",
        ticket_projects.CustomerProjectsView,
        "ticket-system-customers",
    ),
    (
        "ticket-systems/<uuid:pk>/customers/<slug:customer>",
        ticket_projects.CustomerProjectView,
        "ticket-system-customer",
    ),
    ("ticket-rules", ticket_rules.TicketRulesView, "ticket-rules"),
    ("ticket-rules/<uuid:pk>", ticket_rules.TicketRuleView, "ticket-rule"),
    ("ticket-rules/<uuid:pk>/delete", ticket_rules.DeleteView, "ticket-rule-delete"),
    ("failed-tickets", tickets.FailedTicketsView, "failed-tickets"),
    ("failed-tickets/<uuid:pk>", tickets.FailedTicketView, "failed-ticket"),
    *_actions_on("failed-tickets", tickets.ACTIONS),
)
_OWN_CONTROLS: _Addresses = (
    ("own-controls", own_controls.OwnControlsView, "own-controls"),
    ("own-controls/<uuid:pk>", own_controls.OwnControlView, "own-control"),
    *_actions_on("own-controls", own_controls.ACTIONS),
)
_REPORTS: _Addresses = (
    ("report-settings", report_settings.ReportSettingsView, "report-settings"),
    ("report-schedules", organization_report_schedules.SchedulesView, "report-schedules"),
    ("report-schedules/<uuid:pk>", organization_report_schedules.ScheduleView, "report-schedule"),
    *_actions_on("report-schedules", organization_report_schedules.ACTIONS),
    ("portfolio-reports", portfolio_reports.PortfolioReportsView, "portfolio-reports"),
    ("portfolio-reports/<uuid:pk>", portfolio_reports.PortfolioReportView, "portfolio-report"),
    *_actions_on("portfolio-reports", portfolio_reports.ACTIONS),
    ("portfolio-report-links", portfolio_links.LinksView, "portfolio-report-links"),
    ("portfolio-report-links/<uuid:pk>", portfolio_links.LinkView, "portfolio-report-link"),
    (
        "portfolio-report-links/<uuid:pk>/revoke",
        portfolio_links.RevokeLinkView,
        "portfolio-report-link-revoke",
    ),
    ("portfolio-report-deliveries", portfolio_links.DeliveriesView, "portfolio-report-deliveries"),
    ("portfolio-report-deliveries/<uuid:pk>", portfolio_links.DeliveryView, "portfolio-report-delivery"),
    (
        "portfolio-report-deliveries/<uuid:pk>/send-again",
        portfolio_links.SendAgainView,
        "portfolio-report-delivery-send-again",
    ),
)
_LIGHTHOUSE: _Addresses = (
    ("managing-principals", managing_principals.ManagingPrincipalsView, "managing-principals"),
    ("managing-principals/<uuid:pk>", managing_principals.ManagingPrincipalView, "managing-principal"),
    *_actions_on("managing-principals", managing_principals.ACTIONS),
    ("sign-ins/<uuid:pk>", managing_principals.SignInView, "sign-in"),
    ("delegations", delegations.DelegationsView, "delegations"),
    ("delegations/<uuid:pk>", delegations.DelegationView, "delegation"),
    *_actions_on("delegations", delegations.ACTIONS),
)
_BASELINES: _Addresses = (
    ("baselines", baselines.BaselinesView, "baselines"),
    ("baselines/<uuid:pk>", baselines.BaselineView, "baseline"),
    *_actions_on("baselines", {"apply": baseline_deviations.ApplyView, **baseline_parts.ACTIONS}),
    ("baseline-deviations", baseline_deviations.DeviationsView, "baseline-deviations"),
)
_CAMPAIGNS: _Addresses = (
    ("campaigns", campaigns.CampaignsView, "campaigns"),
    ("campaigns/<uuid:pk>", campaigns.CampaignView, "campaign"),
    *_actions_on("campaigns", campaigns.ACTIONS),
)
OF_ORGANIZATIONS: Final[_Addresses] = (
    *_SCHEDULE,
    *_SERVICE_ACCOUNTS,
    *_TICKETS,
    *_OWN_CONTROLS,
    *_REPORTS,
    *_LIGHTHOUSE,
    *_BASELINES,
    *_CAMPAIGNS,
)
"""The addresses below an organization, each as (path after the organization's name, view, name of the URL pattern after
`api-organization-`).
"""
