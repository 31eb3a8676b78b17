"""Each page that accepts a form, with the API operations that do the same, or the reason why the API has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPERATIONS: Final[Mapping[str, str]] = {
    "assessment-start": "start_assessment",
    "assessment-cancel": "cancel_assessment",
    "assessment-retry": "retry_assessment",
    "scans": "import_scan",
    "scan-delete": "delete_scan_import",
    "portfolio-start": "list_customers start_assessment",
    "attest": "answer_attestation",
    "attestations-answer": "start_bulk_job",
    "attestation-withdraw": "withdraw_answer",
    "bulk-job-cancel": "cancel_bulk_job",
    "bulk-job-undo": "undo_bulk_job",
    "batch-undo": "undo_bulk_job",
    "resource-changes-review": "review_change",
    "resource-approve": "approve_configuration",
    "resource-withdraw": "withdraw_configuration_approval",
    "resources-approve": "list_resources approve_configuration",
    "inbox-approve": "approve_exception",
    "inbox-refuse": "refuse_exception",
    "exception-request": "request_exception",
    "exception-mute-list": "import_mute_list",
    "exception-approve": "approve_exception",
    "exception-refuse": "refuse_exception",
    "exception-withdraw": "withdraw_exception",
    "exception-revoke": "revoke_exception",
    "exception-comment": "add_exception_comment",
    "exception-comment-delete": "delete_exception_comment",
    "finding-check": "check_finding get_finding_check",
    "finding-assign": "assign_finding",
    "finding-claim": "assign_finding",
    "finding-acknowledge": "acknowledge_finding",
    "finding-take-back": "withdraw_acknowledgement",
    "finding-comment": "add_comment",
    "comment-edit": "change_comment",
    "comment-delete": "delete_comment",
    "findings-bulk": "preview_bulk_job start_bulk_job",
    "channel-add": "add_channel",
    "channel": "change_channel",
    "channel-test": "test_channel",
    "channel-switch": "enable_channel disable_channel",
    "channel-secret": "rotate_channel_secret",
    "channel-delete": "delete_channel",
    "post-retry": "retry_failed_post",
    "post-drop": "discard_failed_post",
    "mail-retry": "retry_failed_mail",
    "mail-drop": "discard_failed_mail",
    "customer-register": "register_customer",
    "registration-credential": "add_service_principal",
    "registration-check": "get_sign_in",
    "registration-permissions": "get_preflight start_preflight",
    "registration-subscriptions": "list_subscriptions exclude_subscription include_subscription",
    "registration-schedule": "set_schedule",
    "registration-assessment": "start_assessment",
    "service-account-secret-revoke": "revoke_client_secret",
    "membership-change": "change_member_role",
    "membership-review": "change_review_period",
    "membership-end": "remove_member",
    "organization-invite": "invite_member",
    "invitation-withdraw": "withdraw_invitation",
    "report-build": "build_report",
    "report-cancel": "cancel_report",
    "report-revoke": "revoke_report",
    "report-revoke-deleted": "revoke_deleted_report",
    "report-schedule-add": "add_report_schedule",
    "report-schedule": "change_report_schedule",
    "report-schedule-switch": "pause_report_schedule resume_report_schedule",
    "report-schedule-run": "run_report_schedule",
    "report-schedule-confirm": "confirm_report_addresses",
    "report-schedule-remove": "remove_report_schedule",
    "report-link-add": "make_report_link",
    "report-link-revoke": "revoke_report_link",
    "report-send-again": "send_report_again",
    "organization-report-schedule-add": "add_organization_report_schedule",
    "organization-report-schedule": "change_organization_report_schedule",
    "organization-report-schedule-switch": "pause_organization_report_schedule resume_organization_report_schedule",
    "organization-report-schedule-run": "run_organization_report_schedule",
    "organization-report-schedule-confirm": "confirm_organization_report_addresses",
    "organization-report-schedule-remove": "remove_organization_report_schedule",
    "baseline-add": "add_baseline",
    "baseline": "change_baseline",
    "baseline-delete": "delete_baseline",
    "baseline-parameter": "set_baseline_parameters",
    "baseline-profile": "set_baseline_profile",
    "baseline-rule-add": "set_baseline_owner_rule",
    "baseline-rule": "set_baseline_owner_rule remove_baseline_owner_rule",
    "baseline-watch-rule-add": "set_baseline_watch_rule",
    "baseline-watch-rule": "set_baseline_watch_rule remove_baseline_watch_rule",
    "baseline-watch-rule-shipped": "set_baseline_shipped_rule",
    "baseline-channel-add": "set_baseline_channel",
    "baseline-channel": "set_baseline_channel remove_baseline_channel",
    "baselines-apply": "apply_baseline",
    "campaign-start": "start_campaign",
    "campaign": "change_campaign",
    "campaign-end": "end_campaign",
    "managing-principal-add": "add_managing_principal",
    "managing-principal": "replace_managing_credential",
    "managing-principal-check": "check_managing_principal",
    "managing-principal-switch": "enable_managing_principal disable_managing_principal",
    "managing-principal-remove": "remove_managing_principal",
    "delegations-assign": "assign_delegation",
    "delegations-exclude": "exclude_delegation",
    "delegation-undo": "undo_delegation",
    "foreign-subscriptions-assign": "assign_foreign_subscription",
    "foreign-subscriptions-exclude": "exclude_foreign_subscription",
    "foreign-subscription-undo": "undo_foreign_subscription",
    "organization-schedule": "set_default_schedule",
    "organization-reports": "set_report_settings",
    "portfolio-report-build": "build_portfolio_report",
    "portfolio-report-cancel": "cancel_portfolio_report",
    "portfolio-report-revoke": "revoke_portfolio_report",
    "portfolio-report-link-add": "make_portfolio_report_link",
    "portfolio-report-link-revoke": "revoke_portfolio_report_link",
    "portfolio-report-send-again": "send_portfolio_report_again",
    "subscriptions": "exclude_subscription include_subscription",
    "service-principal-add": "add_service_principal",
    "service-principal": "replace_credential",
    "service-principal-check": "check_service_principal",
    "service-principal-switch": "enable_service_principal disable_service_principal",
    "service-principal-remove": "remove_service_principal",
    "preflight": "start_preflight",
    "policy": "change_policy change_customer",
    "parameter": "set_control_parameters",
    "profile": "set_profile",
    "profile-severity": "preview_severity_rules set_severity_rules",
    "profile-control-off": "switch_control",
    "profile-control-on": "switch_control",
    "own-control-add": "write_own_control",
    "own-control-edit": "try_own_control write_own_control",
    "own-control-publish": "publish_own_control",
    "own-control-switch": "switch_own_control",
    "schedule": "set_schedule",
    "watch": "set_watch",
    "watch-rule-add": "add_watch_rule preview_watch_rule",
    "watch-rule": "change_watch_rule preview_watch_rule",
    "watch-rule-delete": "delete_watch_rule",
    "watch-rule-shipped": "set_shipped_watch_rule",
    "planned-changes": "plan_change",
    "planned-change-cancel": "cancel_planned_change",
    "owner-rule-add": "add_owner_rule preview_owner_rule",
    "owner-rule": "change_owner_rule preview_owner_rule",
    "owner-rule-delete": "delete_owner_rule",
    "owner-rule-move": "move_owner_rule",
    "owner-rule-switch": "change_owner_rule",
    "owner-rules-apply": "apply_owner_rules",
    "exclusion-rule-add": "add_exclusion_rule preview_exclusion_rule",
    "exclusion-rule": "change_exclusion_rule preview_exclusion_rule",
    "exclusion-rule-remove": "remove_exclusion_rule",
    "ticket-system-add": "add_ticket_system",
    "ticket-system": "change_ticket_system",
    "ticket-system-test": "test_ticket_system",
    "ticket-system-switch": "enable_ticket_system disable_ticket_system",
    "ticket-system-delete": "delete_ticket_system",
    "ticket-customers": "set_ticket_customer",
    "ticket-rule-add": "add_ticket_rule",
    "ticket-rule": "change_ticket_rule",
    "ticket-rule-delete": "delete_ticket_rule",
    "ticket-retry": "retry_failed_ticket",
    "ticket-drop": "discard_failed_ticket",
}
"""{name of a page: names of the operations that do the same}"""

WITHOUT: Final[Mapping[str, frozenset[str]]] = {
    reason: frozenset(names.split())
    for reason, names in {
        "A person’s own account: a program must not change how a person signs in, or create tokens.": """
            account-api-token-revoke account-api-tokens account-profile account-sessions-end account_login
            account_logout account_reauthenticate account_email account_change_password account_confirm_email
            account_confirm_login_code account_inactive account_signup account_set_password account_reset_password
            account_reset_password_done account_reset_password_from_key account_reset_password_from_key_done
            account_email_verification_sent address-request emergency first-start
            invitation invitation-sso mfa_activate_totp mfa_add_webauthn mfa_authenticate mfa_deactivate_totp
            mfa_download_recovery_codes mfa_edit_webauthn mfa_generate_recovery_codes mfa_index mfa_list_webauthn
            mfa_login_webauthn mfa_reauthenticate mfa_reauthenticate_webauthn mfa_remove_webauthn
            mfa_view_recovery_codes openid_connect_callback openid_connect_login socialaccount_connections
            socialaccount_login_cancelled socialaccount_login_error socialaccount_signup unsubscribe
        """,
        "How pages look to one person, and the notices that the person reads there.": """
            findings-view-change findings-view-delete findings-view-save list-view-delete list-view-save notice-read
            preferences preferences-links theme
        """,
        "Administration of the organization and its people: with it, a token could give itself every right.": """
            access-reviewed account-change-decide membership-decide organization-api-token-revoke organization-general
            organization-sign-in person-account person-leaving person-sessions-end service-account
            service-account-add service-account-change service-account-delete service-account-secret-add
            service-account-switch invitation-send
        """,
        "Only a person decides, because it cannot be undone: tokens cannot have the right.": """
            customer-export erasure erasure-certificate erasures leaving organization-retention retention
        """,
        "The configuration file: a person compares its changes on the page, then applies all of them together.": """
            configuration configuration-file
        """,
        "The logo and colours of reports: a person looks at them on the page before reports use them.": """
            organization-report-branding
        """,
        "Steps of a page that guides people: programs send complete bodies, and replace a draft with another one.": """
            customer-import-cancel customer-import-start customers-import own-control-discard registration-end
        """,
        "Not an action on data: checks a file, opens a link without an account, or is an address for programs.": """
            report-link verify oauth-revoke oauth-token
        """,
    }.items()
}
"""{why the API has no such operation: names of the pages}"""
