"""The addresses of the pages, each under its entry in the navigation.

`_page` and `_form` require a signed-in person, `_guarded` a person who authenticated within the last five minutes;
`_public` pages are for everybody. A `_page` answers 405 to POST, so each form is declared as `_form` or `_guarded`.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from portal.accounts.step_up import step_up, step_up_except_previews, step_up_to_change
from portal.web.account.views import (
    address_request,
    emergency,
    first_start,
    profile,
    second_factor,
    sessions,
    single_sign_on,
)
from portal.web.all_findings import views as all_findings
from portal.web.assessments import views as assessments
from portal.web.attestations import bulk as attestation_bulk
from portal.web.attestations import views as attestations
from portal.web.audit_room import views as audit_room
from portal.web.baselines import rules as baseline_rules
from portal.web.baselines import views as baselines
from portal.web.campaigns import views as campaigns
from portal.web.controls import views as controls
from portal.web.evidence import views as evidence_files
from portal.web.exceptions.views import comments as exception_comments
from portal.web.exceptions.views import exceptions, inbox
from portal.web.exceptions.views import request as exception_request
from portal.web.finding_detail.views import check as finding_check
from portal.web.finding_detail.views import comments, finding
from portal.web.finding_detail.views import treatment as finding_actions
from portal.web.findings.views import bulk as findings_bulk
from portal.web.findings.views import export as findings_export
from portal.web.findings.views import findings
from portal.web.findings.views import saved_views as findings_views
from portal.web.frame import home, navigation, palette, theme
from portal.web.frameworks import views as frameworks
from portal.web.journal import views as journal
from portal.web.my import views as my
from portal.web.notifications.views import channels, deliveries, notices, unsubscribe
from portal.web.organization.views import (
    configuration,
    erasures,
    foreign_subscriptions,
    general,
    imports,
    invitation,
    leaving,
    people,
    report_settings,
    roles,
    sign_in,
)
from portal.web.organization.views import retention as organization_retention
from portal.web.organization.views import schedule as organization_schedule
from portal.web.portfolio import views as portfolio
from portal.web.reports.views import deleted as deleted_reports
from portal.web.reports.views import deliveries as report_deliveries
from portal.web.reports.views import links as report_links
from portal.web.reports.views import organization_schedules, reports, verify
from portal.web.reports.views import schedules as report_schedules
from portal.web.settings.views import leaving as customer_leaving
from portal.web.settings.views import (
    owner_rules,
    parameters,
    policy,
    preflight,
    registration,
    schedule,
    service_principal,
    subscriptions,
)
from portal.web.settings.views import retention as customer_retention
from portal.web.settings.views import settings as tenant_settings
from portal.web.shared import list_views
from portal.web.shared.recorded import recorded
from portal.web.tenant_overview.views import changes, exposure
from portal.web.tenant_overview.views import tenant as tenants
from portal.web.workload import views as workload

type View = Callable[..., HttpResponseBase]


def _page(route: str, view: View, name: str) -> URLPattern:
    """A page to read, without a form."""
    return path(route, login_required(require_safe(view)), name=name)


def _form(route: str, view: View, name: str) -> URLPattern:
    """A page with a form for signed-in people. If it requires recent authentication, its view asks for it.

    A form that changes access, credentials, roles, policies, what is read or who is notified needs `_guarded`, or a
    decorator of `step_up`. tests/portal/accounts/test_step_up.py lists the forms that need neither, with the reason.
    """
    return path(route, login_required(view), name=name)


def _guarded(route: str, view: View, name: str) -> URLPattern:
    """A page that requires recent authentication, because it approves requests, or changes access, credentials, roles,
    policies, what is read or who is notified.
    """
    return path(route, login_required(step_up(view)), name=name)


def _public(route: str, view: View, name: str) -> URLPattern:
    return path(route, view, name=name)


def _under(page: navigation.Page, *patterns: URLPattern) -> tuple[URLPattern, ...]:
    """Declare addresses for which the navigation marks this entry as current."""
    for pattern in patterns:
        setattr(pattern.callback, navigation.PAGE_ATTRIBUTE, page)
    return patterns


urlpatterns = [
    *_under(
        navigation.PORTFOLIO,
        _page("", portfolio.portfolio, "portfolio"),
        _form("start/", portfolio.start_selected, "portfolio-start"),
        _form("organizations/<slug:slug>/views/", list_views.save, "list-view-save"),
        _form("organizations/<slug:slug>/views/<uuid:pk>/delete/", list_views.delete, "list-view-delete"),
    ),
    *_under(
        navigation.ALL_FINDINGS,
        _page("findings/", all_findings.findings_of_all, "all-findings"),
    ),
    *_under(
        navigation.INBOX,
        _page("inbox/", inbox.inbox, "inbox"),
        _page("inbox/<uuid:pk>/", inbox.inbox_request, "inbox-request"),
        _guarded("inbox/<uuid:pk>/approve/", inbox.inbox_approve, "inbox-approve"),
        _guarded("inbox/<uuid:pk>/refuse/", inbox.inbox_refuse, "inbox-refuse"),
    ),
    *_under(
        navigation.WORKLOAD,
        _page("who/", workload.workload, "workload"),
    ),
    *_under(
        navigation.CUSTOMER_WORKLOAD,
        _page("t/<slug:slug>/owners/", workload.tenant_workload, "tenant-workload"),
    ),
    *_under(
        navigation.MY_FINDINGS,
        _page("my/", my.my, "my"),
    ),
    *_under(
        navigation.CONTROLS,
        _page("controls/", controls.controls, "controls"),
        _page("controls/<slug:slug>/", controls.control, "control"),
        _page("frameworks/", frameworks.catalogue_frameworks, "frameworks"),
        _page("frameworks/<str:key>/", frameworks.catalogue_framework, "framework"),
        _page("frameworks/<str:key>/numbers.csv", frameworks.catalogue_csv, "framework-csv"),
        _page("frameworks/<str:key>/numbers.xlsx", frameworks.catalogue_xlsx, "framework-xlsx"),
    ),
    *_under(
        navigation.EMAIL_NOTIFICATIONS,
        _form("notices/preferences/", step_up_to_change(notices.preferences), "preferences"),
        _form("notices/preferences/links/", notices.links, "preferences-links"),
    ),
    *_under(
        navigation.OVERVIEW,
        _page("t/<slug:slug>/", tenants.tenant, "tenant"),
        _page("t/<slug:slug>/changes/", changes.changes, "changes"),
        _page("t/<slug:slug>/exposure/", exposure.exposure, "exposure"),
        _page("t/<slug:slug>/exposure/export.csv", exposure.exposure_csv, "exposure-csv"),
    ),
    *_under(
        navigation.FINDINGS,
        _page("t/<slug:slug>/findings/", findings.findings, "findings"),
        _page("t/<slug:slug>/findings/of/<slug:control>/", findings.group, "findings-group"),
        _page("t/<slug:slug>/findings/groups/", findings.groups, "findings-groups"),
        _page("t/<slug:slug>/findings/tags/", findings.tags, "findings-tags"),
        _page("t/<slug:slug>/findings/facets/", findings.later_facets, "findings-facets"),
        _page("t/<slug:slug>/findings/export.csv", findings_export.as_csv, "findings-csv"),
        _page("t/<slug:slug>/findings/export.xlsx", findings_export.as_xlsx, "findings-xlsx"),
        _page("t/<slug:slug>/findings/export.json", findings_export.as_json, "findings-json"),
        _page("t/<slug:slug>/findings/export.ocsf.json", findings_export.as_ocsf, "findings-ocsf"),
        _form("t/<slug:slug>/findings/bulk/", findings_bulk.bulk, "findings-bulk"),
        _form("t/<slug:slug>/findings/views/", findings_views.save, "findings-view-save"),
        _form("t/<slug:slug>/findings/views/<uuid:pk>/", findings_views.change, "findings-view-change"),
        _form(
            "t/<slug:slug>/findings/views/<uuid:pk>/delete/", findings_views.delete, "findings-view-delete"
        ),
        _page("t/<slug:slug>/findings/<uuid:pk>/", finding.finding, "finding"),
        _page("t/<slug:slug>/findings/<uuid:pk>/panel/", finding.in_panel, "finding-panel"),
        _form("t/<slug:slug>/findings/<uuid:pk>/check/", finding_check.check, "finding-check"),
        _form("t/<slug:slug>/findings/<uuid:pk>/assign/", finding_actions.assign, "finding-assign"),
        _form("t/<slug:slug>/findings/<uuid:pk>/claim/", finding_actions.claim, "finding-claim"),
        _form(
            "t/<slug:slug>/findings/<uuid:pk>/acknowledge/",
            finding_actions.acknowledge,
            "finding-acknowledge",
        ),
        _form("t/<slug:slug>/findings/<uuid:pk>/take-back/", finding_actions.take_back, "finding-take-back"),
        _form("t/<slug:slug>/findings/<uuid:pk>/comment/", comments.add, "finding-comment"),
        _page("t/<slug:slug>/findings/<uuid:pk>/mentions/", comments.mentions, "finding-mentions"),
        _form("t/<slug:slug>/comments/<uuid:pk>/", comments.edit, "comment-edit"),
        _form("t/<slug:slug>/comments/<uuid:pk>/delete/", comments.delete, "comment-delete"),
        _form("t/<slug:slug>/undo/<uuid:pk>/", finding_actions.undo, "batch-undo"),
    ),
    *_under(
        navigation.EXCEPTIONS,
        _page("t/<slug:slug>/exceptions/", exceptions.exceptions, "exceptions"),
        _page("t/<slug:slug>/exceptions/register.csv", recorded(exceptions.export), "exceptions-export"),
        _form("t/<slug:slug>/exceptions/request/", exception_request.exception_request, "exception-request"),
        _page("t/<slug:slug>/exceptions/<uuid:pk>/", exceptions.exception, "exception"),
        _guarded(
            "t/<slug:slug>/exceptions/<uuid:pk>/approve/", exceptions.decide_approve, "exception-approve"
        ),
        _guarded("t/<slug:slug>/exceptions/<uuid:pk>/refuse/", exceptions.decide_refuse, "exception-refuse"),
        _form("t/<slug:slug>/exceptions/<uuid:pk>/comment/", exception_comments.add, "exception-comment"),
        _form(
            "t/<slug:slug>/exceptions/comments/<uuid:pk>/delete/",
            exception_comments.delete,
            "exception-comment-delete",
        ),
        _form("t/<slug:slug>/exceptions/<uuid:pk>/withdraw/", exceptions.end_withdraw, "exception-withdraw"),
        _guarded("t/<slug:slug>/exceptions/<uuid:pk>/revoke/", exceptions.end_revoke, "exception-revoke"),
    ),
    *_under(
        navigation.ATTESTATIONS,
        _page("t/<slug:slug>/attestations/", attestations.attestations, "attestations"),
        _page(
            "t/<slug:slug>/attestations/register.csv", recorded(attestations.export), "attestations-export"
        ),
        _form("t/<slug:slug>/attestations/answer/", attestation_bulk.answer_selected, "attestations-answer"),
        _form("t/<slug:slug>/attestations/<uuid:pk>/", attestations.attest, "attest"),
        _form(
            "t/<slug:slug>/attestations/<uuid:pk>/withdraw/", attestations.withdraw, "attestation-withdraw"
        ),
    ),
    *_under(
        navigation.FRAMEWORKS,
        _page("t/<slug:slug>/frameworks/", frameworks.frameworks, "tenant-frameworks"),
        _page("t/<slug:slug>/frameworks/<str:key>/", frameworks.tenant_framework, "tenant-framework"),
        _page(
            "t/<slug:slug>/frameworks/<str:key>/numbers.csv",
            recorded(frameworks.tenant_csv),
            "tenant-framework-csv",
        ),
        _page(
            "t/<slug:slug>/frameworks/<str:key>/numbers.xlsx",
            recorded(frameworks.tenant_xlsx),
            "tenant-framework-xlsx",
        ),
    ),
    *_under(
        navigation.ASSESSMENTS,
        _page("t/<slug:slug>/assessments/", assessments.assessments, "assessments"),
        _form("t/<slug:slug>/assessments/start/", assessments.start, "assessment-start"),
        _page("t/<slug:slug>/assessments/<uuid:pk>/", assessments.assessment, "assessment"),
        _form("t/<slug:slug>/assessments/<uuid:pk>/cancel/", assessments.cancel, "assessment-cancel"),
        _form("t/<slug:slug>/assessments/<uuid:pk>/retry/", assessments.retry, "assessment-retry"),
    ),
    *_under(
        navigation.REPORTS,
        _page("t/<slug:slug>/reports/", reports.reports, "reports"),
        _form("t/<slug:slug>/reports/build/", reports.build, "report-build"),
        _page("t/<slug:slug>/reports/<int:number>/", reports.report, "report"),
        _guarded("t/<slug:slug>/reports/<int:number>/revoke/", reports.revoke, "report-revoke"),
        _page("t/<slug:slug>/reports/deleted/", deleted_reports.deleted, "reports-deleted"),
        _guarded("t/<slug:slug>/reports/deleted/revoke/", deleted_reports.revoke, "report-revoke-deleted"),
        _page("t/<slug:slug>/reports/<uuid:pk>/", recorded(reports.download), "report-download"),
        _page("t/<slug:slug>/reports/<uuid:pk>/evidence/", reports.bundle, "report-bundle"),
        _form("t/<slug:slug>/reports/<uuid:pk>/cancel/", reports.cancel, "report-cancel"),
    ),
    *_under(
        navigation.JOURNAL,
        _page("t/<slug:slug>/journal/", journal.journal, "journal"),
        _page("t/<slug:slug>/journal/verify/", journal.verify, "journal-verify"),
        _page("t/<slug:slug>/journal/journal.csv", journal.as_csv, "journal-csv"),
        _page("t/<slug:slug>/journal/chain.jsonl", journal.as_json_lines, "journal-chain"),
        _page("t/<slug:slug>/journal/<int:sequence>/", journal.entry, "journal-entry"),
    ),
    *_under(
        navigation.AUDIT_ROOM,
        _page("t/<slug:slug>/audit/", audit_room.audit_room, "audit-room"),
    ),
    *_under(
        navigation.SETTINGS,
        _page("t/<slug:slug>/settings/", tenant_settings.settings, "tenant-settings"),
        _form(
            "t/<slug:slug>/settings/subscriptions/",
            step_up_to_change(subscriptions.subscriptions),
            "subscriptions",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/add/", tenant_settings.add, "service-principal-add"
        ),
        _form(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/preflight/", preflight.preflight, "preflight"
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/",
            service_principal.service_principal,
            "service-principal",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/check/",
            service_principal.check,
            "service-principal-check",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/switch/",
            service_principal.switch,
            "service-principal-switch",
        ),
        _guarded(
            "t/<slug:slug>/settings/service-principals/<uuid:pk>/remove/",
            service_principal.remove,
            "service-principal-remove",
        ),
        _page("t/<slug:slug>/registration/", registration.resume, "registration"),
        _form(
            "t/<slug:slug>/registration/permissions/", registration.permissions, "registration-permissions"
        ),
        _guarded(
            "t/<slug:slug>/registration/credential/", registration.credential, "registration-credential"
        ),
        _form("t/<slug:slug>/registration/check/", registration.check, "registration-check"),
        _form(
            "t/<slug:slug>/registration/subscriptions/",
            step_up_to_change(registration.subscriptions),
            "registration-subscriptions",
        ),
        _form(
            "t/<slug:slug>/registration/schedule/",
            step_up_to_change(registration.schedule),
            "registration-schedule",
        ),
        _form("t/<slug:slug>/registration/assessment/", registration.assessment, "registration-assessment"),
        _form("t/<slug:slug>/registration/end/", registration.end, "registration-end"),
    ),
    *_under(
        navigation.POLICY,
        _form("t/<slug:slug>/settings/policy/", step_up_except_previews(policy.policy), "policy"),
    ),
    *_under(
        navigation.SCHEDULE,
        _form("t/<slug:slug>/settings/schedule/", step_up_to_change(schedule.schedule), "schedule"),
    ),
    *_under(
        navigation.LEAVING,
        _form("t/<slug:slug>/settings/leaving/", step_up_to_change(customer_leaving.leaving), "leaving"),
        _guarded(
            "t/<slug:slug>/settings/leaving/export/<uuid:pk>/", customer_leaving.download, "customer-export"
        ),
    ),
    *_under(
        navigation.RETENTION,
        _form(
            "t/<slug:slug>/settings/retention/", step_up_to_change(customer_retention.retention), "retention"
        ),
    ),
    *_under(
        navigation.PARAMETERS,
        _page("t/<slug:slug>/settings/controls/", parameters.parameters, "parameters"),
        _guarded("t/<slug:slug>/settings/controls/<slug:control>/", parameters.parameter, "parameter"),
    ),
    *_under(
        navigation.OWNER_RULES,
        _page("t/<slug:slug>/settings/owner-rules/", owner_rules.rules, "owner-rules"),
        _form(
            "t/<slug:slug>/settings/owner-rules/add/", step_up_to_change(owner_rules.add), "owner-rule-add"
        ),
        _guarded("t/<slug:slug>/settings/owner-rules/apply/", owner_rules.apply, "owner-rules-apply"),
        _form(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/", step_up_to_change(owner_rules.edit), "owner-rule"
        ),
        _form(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/delete/",
            step_up_to_change(owner_rules.delete),
            "owner-rule-delete",
        ),
        _guarded("t/<slug:slug>/settings/owner-rules/<uuid:pk>/move/", owner_rules.move, "owner-rule-move"),
        _guarded(
            "t/<slug:slug>/settings/owner-rules/<uuid:pk>/switch/", owner_rules.switch, "owner-rule-switch"
        ),
    ),
    *_under(
        navigation.CHANNELS,
        _page("t/<slug:slug>/settings/channels/", channels.channels, "channels"),
        _guarded("t/<slug:slug>/settings/channels/add/", channels.add, "channel-add"),
        # The form changes the address of a channel, and thereby who receives the customer's events.
        _form("t/<slug:slug>/settings/channels/<uuid:pk>/", step_up_to_change(channels.channel), "channel"),
        _form("t/<slug:slug>/settings/channels/<uuid:pk>/test/", channels.test, "channel-test"),
        _guarded("t/<slug:slug>/settings/channels/<uuid:pk>/switch/", channels.switch, "channel-switch"),
        _guarded("t/<slug:slug>/settings/channels/<uuid:pk>/secret/", channels.secret, "channel-secret"),
        _guarded("t/<slug:slug>/settings/channels/<uuid:pk>/delete/", channels.delete, "channel-delete"),
        _page("t/<slug:slug>/settings/deliveries/", deliveries.dead_letters, "dead-letters"),
        _form("t/<slug:slug>/settings/deliveries/posts/<uuid:pk>/retry/", deliveries.retry, "post-retry"),
        _guarded("t/<slug:slug>/settings/deliveries/posts/<uuid:pk>/drop/", deliveries.drop, "post-drop"),
        _form("t/<slug:slug>/settings/deliveries/mails/<uuid:pk>/retry/", deliveries.mail, "mail-retry"),
        _guarded(
            "t/<slug:slug>/settings/deliveries/mails/<uuid:pk>/drop/", deliveries.drop_a_mail, "mail-drop"
        ),
    ),
    *_under(
        navigation.CUSTOMER_PEOPLE,
        _page("t/<slug:slug>/settings/people/", people.tenant_people, "tenant-people"),
    ),
    *_under(
        navigation.CAMPAIGNS,
        _page("organizations/<slug:slug>/campaigns/", campaigns.campaigns, "campaigns"),
        _form("organizations/<slug:slug>/campaigns/start/", campaigns.start, "campaign-start"),
        _page("organizations/<slug:slug>/campaigns/<uuid:pk>/", campaigns.campaign, "campaign"),
        _form("organizations/<slug:slug>/campaigns/<uuid:pk>/end/", campaigns.end, "campaign-end"),
    ),
    *_under(
        navigation.BASELINES,
        _page("organizations/<slug:slug>/baselines/", baselines.baseline_list, "baselines"),
        _guarded("organizations/<slug:slug>/baselines/add/", baselines.add, "baseline-add"),
        _guarded("organizations/<slug:slug>/baselines/apply/", baselines.apply, "baselines-apply"),
        _guarded("organizations/<slug:slug>/baselines/<uuid:pk>/", baselines.baseline, "baseline"),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/delete/", baselines.delete, "baseline-delete"
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/controls/<slug:control>/",
            baselines.parameter,
            "baseline-parameter",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/rules/add/",
            baseline_rules.rule,
            "baseline-rule-add",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/rules/<int:number>/",
            baseline_rules.rule,
            "baseline-rule",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/channels/add/",
            baseline_rules.channel,
            "baseline-channel-add",
        ),
        _guarded(
            "organizations/<slug:slug>/baselines/<uuid:pk>/channels/<uuid:channel_pk>/",
            baseline_rules.channel,
            "baseline-channel",
        ),
    ),
    *_under(
        navigation.IMPORT_CUSTOMERS,
        _guarded("organizations/<slug:slug>/customers/import/", imports.imports, "customers-import"),
        _page(
            "organizations/<slug:slug>/customers/import/template.csv",
            imports.template,
            "customers-import-template",
        ),
        _page(
            "organizations/<slug:slug>/customers/import/<uuid:pk>/",
            imports.customer_import,
            "customer-import",
        ),
        _guarded(
            "organizations/<slug:slug>/customers/import/<uuid:pk>/start/",
            imports.start,
            "customer-import-start",
        ),
        _form(
            "organizations/<slug:slug>/customers/import/<uuid:pk>/cancel/",
            imports.cancel,
            "customer-import-cancel",
        ),
    ),
    *_under(
        navigation.ORGANIZATION_SCHEDULE,
        _form(
            "organizations/<slug:slug>/settings/schedule/",
            step_up_to_change(organization_schedule.default_schedule),
            "organization-schedule",
        ),
    ),
    *_under(
        navigation.ORGANIZATION_GENERAL,
        _form(
            "organizations/<slug:slug>/settings/general/",
            step_up_to_change(general.general),
            "organization-general",
        ),
    ),
    *_under(
        navigation.REPORT_SETTINGS,
        _form(
            "organizations/<slug:slug>/settings/reports/",
            step_up_to_change(report_settings.report_settings),
            "organization-reports",
        ),
    ),
    *_under(
        navigation.REPORTS,
        _guarded(
            "t/<slug:slug>/reports/deliveries/<uuid:pk>/send/", report_deliveries.send, "report-send-again"
        ),
        _form(
            "t/<slug:slug>/reports/<int:number>/link/",
            step_up_to_change(report_links.add),
            "report-link-add",
        ),
        _guarded("t/<slug:slug>/reports/links/<uuid:pk>/revoke/", report_links.revoke, "report-link-revoke"),
    ),
    *_under(
        navigation.REPORT_SCHEDULES,
        _page("t/<slug:slug>/reports/schedules/", report_schedules.schedules, "report-schedules"),
        _form(
            "t/<slug:slug>/reports/schedules/add/",
            step_up_to_change(report_schedules.add),
            "report-schedule-add",
        ),
        _form(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/",
            step_up_to_change(report_schedules.edit),
            "report-schedule",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/switch/",
            report_schedules.switch,
            "report-schedule-switch",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/remove/",
            report_schedules.remove,
            "report-schedule-remove",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/confirm/",
            report_schedules.confirm,
            "report-schedule-confirm",
        ),
        _guarded(
            "t/<slug:slug>/reports/schedules/<uuid:pk>/run/", report_schedules.run, "report-schedule-run"
        ),
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
    ),
    *_under(
        navigation.ORGANIZATION_RETENTION,
        _form(
            "organizations/<slug:slug>/settings/retention/",
            step_up_to_change(organization_retention.default_retention),
            "organization-retention",
        ),
    ),
    *_under(
        navigation.PEOPLE,
        _guarded(
            "organizations/<slug:slug>/settings/accounts/<uuid:pk>/",
            sign_in.account,
            "person-account",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/accounts/<uuid:pk>/sessions/",
            sign_in.end_all_sessions,
            "person-sessions-end",
        ),
        _page("organizations/<slug:slug>/settings/people/", people.people, "organization-people"),
        _guarded("organizations/<slug:slug>/settings/people/invite/", people.invite, "organization-invite"),
        _guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/role/", people.change, "membership-change"
        ),
        _guarded("organizations/<slug:slug>/settings/people/<uuid:pk>/end/", people.end, "membership-end"),
        _guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/leaving/", leaving.leaving, "person-leaving"
        ),
        _guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/confirm/", people.decide, "membership-decide"
        ),
        _guarded(
            "organizations/<slug:slug>/settings/people/invitations/<uuid:pk>/send/",
            people.send_again,
            "invitation-send",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/people/invitations/<uuid:pk>/withdraw/",
            people.withdraw,
            "invitation-withdraw",
        ),
    ),
    *_under(
        navigation.ROLES,
        _page("organizations/<slug:slug>/settings/roles/", roles.roles, "organization-roles"),
    ),
    *_under(
        navigation.ACCESS_REVIEW,
        _page("organizations/<slug:slug>/settings/access/", roles.access_review, "access-review"),
        _guarded("organizations/<slug:slug>/settings/access/reviewed/", roles.reviewed, "access-reviewed"),
        _page("organizations/<slug:slug>/settings/access/access.csv", roles.as_csv, "access-review-csv"),
        _page("organizations/<slug:slug>/settings/access/access.xlsx", roles.as_xlsx, "access-review-xlsx"),
    ),
    *_under(
        navigation.ORGANIZATION_JOURNAL,
        _page(
            "organizations/<slug:slug>/settings/journal/",
            journal.organization_journal,
            "organization-journal",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/verify/",
            journal.organization_verify,
            "organization-journal-verify",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/journal.csv",
            journal.organization_csv,
            "organization-journal-csv",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/chain.jsonl",
            journal.organization_json_lines,
            "organization-journal-chain",
        ),
        _page(
            "organizations/<slug:slug>/settings/journal/<int:sequence>/",
            journal.organization_entry,
            "organization-journal-entry",
        ),
    ),
    *_under(
        navigation.SIGN_IN,
        _guarded("organizations/<slug:slug>/settings/sign-in/", sign_in.policy, "organization-sign-in"),
        _guarded(
            "organizations/<slug:slug>/settings/sign-in/changes/<uuid:pk>/",
            sign_in.decide,
            "account-change-decide",
        ),
    ),
    *_under(
        navigation.CONFIGURATION,
        _form(
            "organizations/<slug:slug>/settings/configuration/",
            # No re-authentication here, because it would lose the uploaded file. Planning changes nothing. Applying the
            # plan requires re-authentication.
            configuration.configuration,
            "configuration",
        ),
        _page(
            "organizations/<slug:slug>/settings/configuration/configuration.yaml",
            configuration.as_yaml,
            "configuration-export",
        ),
        _page(
            "organizations/<slug:slug>/settings/configuration/configuration.schema.json",
            configuration.json_schema,
            "configuration-schema",
        ),
        _form(
            "organizations/<slug:slug>/settings/configuration/<uuid:pk>/",
            step_up_to_change(configuration.configuration_file),
            "configuration-file",
        ),
    ),
    *_under(
        navigation.ERASURES,
        _form(
            "organizations/<slug:slug>/settings/erasures/", step_up_to_change(erasures.erasures), "erasures"
        ),
        _form(
            "organizations/<slug:slug>/settings/erasures/<uuid:pk>/",
            step_up_to_change(erasures.erasure),
            "erasure",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/erasures/<uuid:pk>/certificate/",
            erasures.certificate,
            "erasure-certificate",
        ),
    ),
    *_under(
        navigation.EMAIL_ADDRESS,
        _guarded("account/address-request/", address_request.address_request, "address-request"),
    ),
    *_under(
        navigation.FOREIGN_SUBSCRIPTIONS,
        _page(
            "organizations/<slug:slug>/settings/subscriptions/",
            foreign_subscriptions.foreign_subscriptions,
            "foreign-subscriptions",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/subscriptions/assign/",
            foreign_subscriptions.assign,
            "foreign-subscriptions-assign",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/subscriptions/exclude/",
            foreign_subscriptions.exclude,
            "foreign-subscriptions-exclude",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/subscriptions/<uuid:pk>/undo/",
            foreign_subscriptions.undo,
            "foreign-subscription-undo",
        ),
    ),
    *_under(
        navigation.REGISTER_CUSTOMER,
        _form(
            "organizations/<slug:slug>/customers/register/",
            step_up_to_change(registration.register),
            "customer-register",
        ),
    ),
    *_under(
        navigation.PROFILE,
        _form("account/profile/", step_up_to_change(profile.profile), "account-profile"),
    ),
    *_under(
        navigation.SESSIONS,
        _page("account/sessions/", sessions.sessions, "account-sessions"),
        _guarded("account/sessions/end/", sessions.end, "account-sessions-end"),
    ),
    *_under(
        navigation.VERIFY,
        _public("verify/", verify.verify, "verify"),
        _public("verify/surety_verify.py", verify.offline_verifier, "offline-verifier"),
    ),
    # Addresses without an entry in the navigation.
    _page("home/", home.home, "home"),
    _page("palette/", palette.palette, "palette"),
    _page("notices/", notices.notices, "notices"),
    _form("notices/read/", notices.read, "notice-read"),
    _page("t/<slug:slug>/files/<uuid:pk>/", recorded(evidence_files.evidence_file), "evidence-file"),
    _public("invitations/<str:token>/", invitation.invitation, "invitation"),
    _page("account/second-factor/", second_factor.required, "second-factor-required"),
    _page("account/confirm/", single_sign_on.confirm, "confirm-with-sso"),
    _public("invitations/<str:token>/sso/", single_sign_on.accept_invitation, "invitation-sso"),
    _public("emergency/<str:token>/", emergency.emergency, "emergency"),
    _public("first-start/<str:token>/", first_start.first_start, "first-start"),
    _public("theme/", theme.choose, "theme"),
    _public("unsubscribe/<str:token>/", unsubscribe.unsubscribe, "unsubscribe"),
    _public("report-links/<str:token>/", report_links.report_link, "report-link"),
]

if settings.DEBUG:
    from portal.web.gallery import gallery  # The gallery of components is not for production.

    urlpatterns.append(_public("_gallery/", gallery, "gallery"))
