"""The addresses of an organization's settings, and of invitations."""

from __future__ import annotations

from portal.accounts.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _guarded, _page, _public, _under
from portal.web.organization.views import (
    api_tokens,
    configuration,
    erasures,
    foreign_subscriptions,
    general,
    imports,
    invitation,
    leaving,
    lighthouse,
    managing_principal,
    own_controls,
    people,
    report_branding,
    report_settings,
    retention,
    roles,
    schedule,
    service_accounts,
    sign_in,
)

_OWN = "organizations/<slug:slug>/settings/own-controls/"

urlpatterns = [
    *_under(
        navigation.CUSTOMER_PEOPLE,
        _page("t/<slug:slug>/settings/people/", people.tenant_people, "tenant-people"),
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
            step_up_to_change(schedule.default_schedule),
            "organization-schedule",
        ),
    ),
    *_under(
        navigation.ORGANIZATION_API_TOKENS,
        _page(
            "organizations/<slug:slug>/settings/api-tokens/", api_tokens.api_tokens, "organization-api-tokens"
        ),
        _guarded(
            "organizations/<slug:slug>/settings/api-tokens/<uuid:pk>/revoke/",
            api_tokens.revoke,
            "organization-api-token-revoke",
        ),
    ),
    *_under(
        navigation.SERVICE_ACCOUNTS,
        _page(
            "organizations/<slug:slug>/settings/service-accounts/",
            service_accounts.service_accounts,
            "service-accounts",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/service-accounts/add/",
            service_accounts.add,
            "service-account-add",
        ),
        _form(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/",
            step_up_to_change(service_accounts.service_account),
            "service-account",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/secrets/",
            service_accounts.add_secret,
            "service-account-secret-add",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/secrets/<uuid:secret_pk>/revoke/",
            service_accounts.revoke_secret,
            "service-account-secret-revoke",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/change/",
            service_accounts.change,
            "service-account-change",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/switch/",
            service_accounts.switch,
            "service-account-switch",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/delete/",
            service_accounts.delete,
            "service-account-delete",
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
        navigation.REPORT_BRANDING,
        _form(
            "organizations/<slug:slug>/settings/report-branding/",
            step_up_to_change(report_branding.report_branding),
            "organization-report-branding",
        ),
    ),
    *_under(
        navigation.OWN_CONTROLS,
        _page(_OWN, own_controls.own_controls, "own-controls"),
        # Assessments do not use a draft. Publishing it requires re-authentication.
        _form(f"{_OWN}add/", own_controls.add, "own-control-add"),
        _page(f"{_OWN}<uuid:pk>/", own_controls.own_control, "own-control"),
        _form(f"{_OWN}<uuid:pk>/draft/", own_controls.edit, "own-control-edit"),
        _form(f"{_OWN}<uuid:pk>/discard/", own_controls.discard, "own-control-discard"),
        _guarded(f"{_OWN}<uuid:pk>/publish/", own_controls.publish_draft, "own-control-publish"),
        _guarded(f"{_OWN}<uuid:pk>/switch/", own_controls.switch, "own-control-switch"),
    ),
    *_under(
        navigation.ORGANIZATION_RETENTION,
        _form(
            "organizations/<slug:slug>/settings/retention/",
            step_up_to_change(retention.default_retention),
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
        _guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/review-period/",
            people.review,
            "membership-review",
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
        navigation.LIGHTHOUSE,
        _page("organizations/<slug:slug>/settings/lighthouse/", lighthouse.lighthouse, "lighthouse"),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/assign/", lighthouse.assign, "delegations-assign"
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/exclude/",
            lighthouse.exclude,
            "delegations-exclude",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/<uuid:pk>/undo/",
            lighthouse.undo,
            "delegation-undo",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/add/",
            managing_principal.add,
            "managing-principal-add",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/",
            managing_principal.managing_principal,
            "managing-principal",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/check/",
            managing_principal.check,
            "managing-principal-check",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/switch/",
            managing_principal.switch,
            "managing-principal-switch",
        ),
        _guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/remove/",
            managing_principal.remove,
            "managing-principal-remove",
        ),
    ),
    # Addresses without an entry in the navigation.
    _public("invitations/<str:token>/", invitation.invitation, "invitation"),
]
