"""The URLs of an organization's settings, and of invitations."""

from __future__ import annotations

from portal.accounts.sign_in.step_up import step_up_to_change
from portal.web.frame import navigation
from portal.web.frame.addresses import form, guarded, page, public, under
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
from portal.web.shared.recorded_downloads import recorded_in_organization

_OWN = "organizations/<slug:slug>/settings/own-controls/"

urlpatterns = [
    *under(
        navigation.CUSTOMER_PEOPLE,
        page("t/<slug:slug>/settings/people/", people.tenant_people, "tenant-people"),
    ),
    *under(
        navigation.IMPORT_CUSTOMERS,
        guarded("organizations/<slug:slug>/customers/import/", imports.imports, "customers-import"),
        page(
            "organizations/<slug:slug>/customers/import/template.csv",
            imports.template,
            "customers-import-template",
        ),
        page(
            "organizations/<slug:slug>/customers/import/<uuid:pk>/",
            imports.customer_import,
            "customer-import",
        ),
        guarded(
            "organizations/<slug:slug>/customers/import/<uuid:pk>/start/",
            imports.start,
            "customer-import-start",
        ),
        form(
            "organizations/<slug:slug>/customers/import/<uuid:pk>/cancel/",
            imports.cancel,
            "customer-import-cancel",
        ),
    ),
    *under(
        navigation.ORGANIZATION_SCHEDULE,
        form(
            "organizations/<slug:slug>/settings/schedule/",
            step_up_to_change(schedule.default_schedule),
            "organization-schedule",
        ),
    ),
    *under(
        navigation.ORGANIZATION_API_TOKENS,
        page(
            "organizations/<slug:slug>/settings/api-tokens/", api_tokens.api_tokens, "organization-api-tokens"
        ),
        guarded(
            "organizations/<slug:slug>/settings/api-tokens/<uuid:pk>/revoke/",
            api_tokens.revoke,
            "organization-api-token-revoke",
        ),
    ),
    *under(
        navigation.SERVICE_ACCOUNTS,
        page(
            "organizations/<slug:slug>/settings/service-accounts/",
            service_accounts.service_accounts,
            "service-accounts",
        ),
        guarded(
            "organizations/<slug:slug>/settings/service-accounts/add/",
            service_accounts.add,
            "service-account-add",
        ),
        form(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/",
            step_up_to_change(service_accounts.service_account),
            "service-account",
        ),
        guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/secrets/",
            service_accounts.add_secret,
            "service-account-secret-add",
        ),
        guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/secrets/<uuid:secret_pk>/revoke/",
            service_accounts.revoke_secret,
            "service-account-secret-revoke",
        ),
        guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/change/",
            service_accounts.change,
            "service-account-change",
        ),
        guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/switch/",
            service_accounts.switch,
            "service-account-switch",
        ),
        guarded(
            "organizations/<slug:slug>/settings/service-accounts/<uuid:pk>/delete/",
            service_accounts.delete,
            "service-account-delete",
        ),
    ),
    *under(
        navigation.ORGANIZATION_GENERAL,
        form(
            "organizations/<slug:slug>/settings/general/",
            step_up_to_change(general.general),
            "organization-general",
        ),
    ),
    *under(
        navigation.REPORT_SETTINGS,
        form(
            "organizations/<slug:slug>/settings/reports/",
            step_up_to_change(report_settings.report_settings),
            "organization-reports",
        ),
    ),
    *under(
        navigation.REPORT_BRANDING,
        form(
            "organizations/<slug:slug>/settings/report-branding/",
            step_up_to_change(report_branding.report_branding),
            "organization-report-branding",
        ),
    ),
    *under(
        navigation.OWN_CONTROLS,
        page(_OWN, own_controls.own_controls, "own-controls"),
        # Saving a draft requires no re-authentication, because assessments do not use drafts. Publishing a draft
        # requires re-authentication.
        form(f"{_OWN}add/", own_controls.add, "own-control-add"),
        page(f"{_OWN}<uuid:pk>/", own_controls.own_control, "own-control"),
        form(f"{_OWN}<uuid:pk>/draft/", own_controls.edit, "own-control-edit"),
        form(f"{_OWN}<uuid:pk>/discard/", own_controls.discard, "own-control-discard"),
        guarded(f"{_OWN}<uuid:pk>/publish/", own_controls.publish_draft, "own-control-publish"),
        guarded(f"{_OWN}<uuid:pk>/switch/", own_controls.switch, "own-control-switch"),
    ),
    *under(
        navigation.ORGANIZATION_RETENTION,
        form(
            "organizations/<slug:slug>/settings/retention/",
            step_up_to_change(retention.default_retention),
            "organization-retention",
        ),
    ),
    *under(
        navigation.PEOPLE,
        guarded(
            "organizations/<slug:slug>/settings/accounts/<uuid:pk>/",
            sign_in.account,
            "person-account",
        ),
        guarded(
            "organizations/<slug:slug>/settings/accounts/<uuid:pk>/sessions/",
            sign_in.end_all_sessions,
            "person-sessions-end",
        ),
        page("organizations/<slug:slug>/settings/people/", people.people, "organization-people"),
        guarded("organizations/<slug:slug>/settings/people/invite/", people.invite, "organization-invite"),
        guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/role/", people.change, "membership-change"
        ),
        guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/review-period/",
            people.review,
            "membership-review",
        ),
        guarded("organizations/<slug:slug>/settings/people/<uuid:pk>/end/", people.end, "membership-end"),
        guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/leaving/", leaving.leaving, "person-leaving"
        ),
        guarded(
            "organizations/<slug:slug>/settings/people/<uuid:pk>/confirm/", people.decide, "membership-decide"
        ),
        guarded(
            "organizations/<slug:slug>/settings/people/invitations/<uuid:pk>/send/",
            people.send_again,
            "invitation-send",
        ),
        guarded(
            "organizations/<slug:slug>/settings/people/invitations/<uuid:pk>/withdraw/",
            people.withdraw,
            "invitation-withdraw",
        ),
    ),
    *under(
        navigation.ROLES,
        page("organizations/<slug:slug>/settings/roles/", roles.roles, "organization-roles"),
    ),
    *under(
        navigation.ACCESS_REVIEW,
        page("organizations/<slug:slug>/settings/access/", roles.access_review, "access-review"),
        guarded("organizations/<slug:slug>/settings/access/reviewed/", roles.reviewed, "access-reviewed"),
        page(
            "organizations/<slug:slug>/settings/access/access.csv",
            recorded_in_organization(roles.as_csv),
            "access-review-csv",
        ),
        page(
            "organizations/<slug:slug>/settings/access/access.xlsx",
            recorded_in_organization(roles.as_xlsx),
            "access-review-xlsx",
        ),
    ),
    *under(
        navigation.SIGN_IN,
        guarded("organizations/<slug:slug>/settings/sign-in/", sign_in.policy, "organization-sign-in"),
        guarded(
            "organizations/<slug:slug>/settings/sign-in/changes/<uuid:pk>/",
            sign_in.decide,
            "account-change-decide",
        ),
    ),
    *under(
        navigation.CONFIGURATION,
        form(
            "organizations/<slug:slug>/settings/configuration/",
            # Uploading a file requires no re-authentication, because re-authentication would lose the uploaded file. An
            # upload only plans changes. Applying the plan requires re-authentication.
            configuration.configuration,
            "configuration",
        ),
        page(
            "organizations/<slug:slug>/settings/configuration/configuration.yaml",
            recorded_in_organization(configuration.as_yaml),
            "configuration-export",
        ),
        page(
            "organizations/<slug:slug>/settings/configuration/configuration.schema.json",
            configuration.json_schema,
            "configuration-schema",
        ),
        form(
            "organizations/<slug:slug>/settings/configuration/<uuid:pk>/",
            step_up_to_change(configuration.configuration_file),
            "configuration-file",
        ),
    ),
    *under(
        navigation.ERASURES,
        form(
            "organizations/<slug:slug>/settings/erasures/", step_up_to_change(erasures.erasures), "erasures"
        ),
        form(
            "organizations/<slug:slug>/settings/erasures/<uuid:pk>/",
            step_up_to_change(erasures.erasure),
            "erasure",
        ),
        guarded(
            "organizations/<slug:slug>/settings/erasures/<uuid:pk>/certificate/",
            erasures.certificate,
            "erasure-certificate",
        ),
    ),
    *under(
        navigation.FOREIGN_SUBSCRIPTIONS,
        page(
            "organizations/<slug:slug>/settings/subscriptions/",
            foreign_subscriptions.foreign_subscriptions,
            "foreign-subscriptions",
        ),
        guarded(
            "organizations/<slug:slug>/settings/subscriptions/assign/",
            foreign_subscriptions.assign,
            "foreign-subscriptions-assign",
        ),
        guarded(
            "organizations/<slug:slug>/settings/subscriptions/exclude/",
            foreign_subscriptions.exclude,
            "foreign-subscriptions-exclude",
        ),
        guarded(
            "organizations/<slug:slug>/settings/subscriptions/<uuid:pk>/undo/",
            foreign_subscriptions.undo,
            "foreign-subscription-undo",
        ),
    ),
    *under(
        navigation.LIGHTHOUSE,
        page("organizations/<slug:slug>/settings/lighthouse/", lighthouse.lighthouse, "lighthouse"),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/assign/", lighthouse.assign, "delegations-assign"
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/exclude/",
            lighthouse.exclude,
            "delegations-exclude",
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/<uuid:pk>/undo/",
            lighthouse.undo,
            "delegation-undo",
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/add/",
            managing_principal.add,
            "managing-principal-add",
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/",
            managing_principal.managing_principal,
            "managing-principal",
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/check/",
            managing_principal.check,
            "managing-principal-check",
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/switch/",
            managing_principal.switch,
            "managing-principal-switch",
        ),
        guarded(
            "organizations/<slug:slug>/settings/lighthouse/principals/<uuid:pk>/remove/",
            managing_principal.remove,
            "managing-principal-remove",
        ),
    ),
    # This page is not in the navigation, because people open it with the link in a mail.
    public("invitations/<str:token>/", invitation.invitation, "invitation"),
]
