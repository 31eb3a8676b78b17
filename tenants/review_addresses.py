"""What an auditor with a review period may open: the decision about every address of pages and of the API.

`tenants.middleware` leaves a customer out of the scope if the person has a review period there, unless the address is
in WITHOUT_RECORDS, or is in SHOWN and the request only reads. Pages of a customer that is left out answer 404, and
pages over all customers do not contain it. So an address without a decision is refused, and
tests/isolation/test_review_periods.py fails for it.
"""

from collections.abc import Mapping
from typing import Final

# Only these methods show the period at an address in SHOWN. With another method, the same address may change records.
READING: Final = frozenset({"GET", "HEAD"})

# {address: what it shows of a customer in which the person has a review period}. The managers select the records of
# the period (`in_review` of the models), so another record's id is 404 at these addresses.
SHOWN: Final[Mapping[str, str]] = {
    "audit-room": "the period and its records",
    "reports": "reports of the period",
    "report": "a report of the period, without deliveries and links",
    "report-download": "the file of a report of the period",
    "report-bundle": "the evidence of a report of the period",
    "assessments": "assessments that ended in the period",
    "assessment": "an assessment that ended in the period",
    "exceptions": "exceptions that were undecided or in force in the period",
    "exceptions-export": "exceptions that were undecided or in force in the period",
    "exception": "an exception of the period as it was at its end, without today’s state of its findings",
    "attestations": "attestations in force in the period",
    "attestations-export": "attestations in force in the period",
    "evidence-file": "a file of an exception or attestation of the period",
    "findings-past": "the findings at the end of a day of the period",
    "findings-past-csv": "the findings at the end of a day of the period",
    "journal": "entries of the period",
    "journal-entry": "an entry of the period",
    "journal-verify": "entries of the period",
    "journal-csv": "entries of the period",
    "journal-chain": "entries of the period",
    "portfolio": "only the customer’s name and the period",
    "home": "nothing: leads to the audit room or the portfolio",
    "api-reports": "reports of the period",
    "api-report": "a report of the period",
    "api-report-file": "the file of a report of the period",
    "api-assessments": "assessments that ended in the period",
    "api-assessment": "an assessment that ended in the period",
    "api-exceptions": "exceptions that were undecided or in force in the period",
    "api-exception": "an exception of the period",
    "api-journal": "entries of the period",
    "api-journal-entry": "an entry of the period",
}

# Addresses that read no record of a customer. Some show names of customers, for example the form of an API token.
WITHOUT_RECORDS: Final = frozenset(
    """
    account_change_password account_confirm_email account_confirm_login_code account_email
    account_email_verification_sent account_inactive account_login account_logout account_reauthenticate
    account_reset_password account_reset_password_done account_reset_password_from_key
    account_reset_password_from_key_done account_set_password account_signup
    mfa_activate_totp mfa_add_webauthn mfa_authenticate mfa_deactivate_totp mfa_download_recovery_codes
    mfa_edit_webauthn mfa_generate_recovery_codes mfa_index mfa_list_webauthn mfa_login_webauthn mfa_reauthenticate
    mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_view_recovery_codes
    oauth-metadata oauth-revoke oauth-token
    openid_connect_callback openid_connect_login
    socialaccount_connections socialaccount_login_cancelled socialaccount_login_error socialaccount_signup
    account-api-token-revoke account-api-tokens account-profile account-sessions account-sessions-end address-request
    confirm-with-sso emergency first-start invitation invitation-sso second-factor-required theme
    """.split()
)

# {reason: addresses}. With a review period, these addresses leave the customer out.
REFUSED: Final[Mapping[str, frozenset[str]]] = {
    reason: frozenset(names.split())
    for reason, names in {
        "shows the customer as it is today": """
            all-findings all-resources attest changes exposure exposure-csv finding finding-mentions finding-panel
            findings findings-csv findings-facets findings-group findings-groups findings-json findings-ocsf
            findings-oscal findings-tags findings-xlsx inventory inventory-csv my notices palette resource
            resource-change resource-changes resource-changes-csv resource-compare scan scans tenant tenant-framework
            tenant-framework-csv tenant-framework-xlsx tenant-frameworks tenant-workload workload api-attestation
            api-attestations api-change api-changes api-customer api-customer-figures api-customer-frameworks
            api-customers api-events api-finding api-findings api-requirement-results api-resource api-resources
            api-scan-import api-scan-import-entries api-scan-imports api-ticket api-tickets api-token
        """,
        "shows reports of all times": """
            reports-deleted report-schedules api-deleted-reports api-report-deliveries api-report-delivery
            api-report-link api-report-links api-report-schedule api-report-schedules
        """,
        "shows settings": """
            channels dead-letters exclusion-rules leaving owner-rules parameters planned-changes policy preferences
            profile retention schedule subscriptions tenant-people tenant-settings watch watch-rules preflight
            service-principal api-channel api-channels api-directories api-directory api-invitation api-invitations
            api-member api-members api-policy api-policy-control api-policy-profile api-policy-severity
            api-policy-severity-preview
            api-policy-switch api-schedule api-service-principal api-service-principal-preflight
            api-service-principals api-sign-in api-subscription api-subscriptions api-exclusion-rule api-exclusion-rules
            api-owner-rule api-owner-rules api-planned-change api-planned-changes api-shipped-watch-rule
            api-shipped-watch-rules api-watch api-watch-rule api-watch-rules api-foreign-subscription
            api-foreign-subscriptions
        """,
        "has an action that auditors may not do": """
            assessment-cancel assessment-retry assessment-start attestation-withdraw attestations-answer batch-undo
            bulk-job bulk-job-cancel bulk-job-undo bulk-jobs scan-delete
            channel channel-add channel-delete channel-secret channel-switch channel-test comment-delete comment-edit
            customer-export exception-approve exception-comment exception-comment-delete exception-mute-list
            exception-refuse exception-request exception-revoke exception-withdraw exclusion-rule exclusion-rule-add
            exclusion-rule-remove finding-acknowledge finding-assign finding-check finding-claim finding-comment
            finding-take-back findings-bulk findings-view-change findings-view-delete findings-view-save mail-drop
            mail-retry notice-read owner-rule owner-rule-add owner-rule-delete owner-rule-move owner-rule-switch
            owner-rules-apply parameter planned-change-cancel profile-control-off profile-control-on
            profile-severity portfolio-start post-drop post-retry preferences-links registration
            registration-assessment registration-check
            registration-credential registration-end registration-permissions registration-schedule
            registration-subscriptions report-build report-cancel report-link-add report-link-revoke report-revoke
            report-revoke-deleted report-schedule report-schedule-add report-schedule-confirm report-schedule-remove
            report-schedule-run report-schedule-switch report-send-again resource-approve resource-changes-review
            resource-withdraw resources-approve service-principal-add service-principal-check service-principal-remove
            service-principal-switch unsubscribe watch-rule watch-rule-add watch-rule-delete watch-rule-shipped
            api-bulk-job api-bulk-job-cancel api-bulk-job-preview api-bulk-job-results api-bulk-job-undo api-bulk-jobs
            api-assessment-cancel api-attestation-answer api-attestation-withdraw-answer api-channel-delete
            api-channel-disable api-channel-enable api-channel-rotate-secret api-channel-test api-exception-approve
            api-scan-import-delete api-exception-mute-list
            api-exception-refuse api-exception-revoke api-exception-withdraw api-finding-acknowledge api-finding-assign
            api-finding-withdraw-acknowledgement api-invitation-withdraw api-member-change-review-period
            api-member-change-role api-member-remove api-service-principal-check api-service-principal-credential
            api-service-principal-disable api-service-principal-enable api-service-principal-remove
            api-subscription-exclude api-subscription-include api-assessment-retry api-change-review api-comment
            api-comment-delete api-comments api-exception-comment api-exception-comment-delete api-exception-comments
            api-failed-mail api-failed-mail-discard api-failed-mail-retry api-failed-mails api-failed-post
            api-failed-post-discard api-failed-post-retry api-failed-posts api-finding-check api-report-cancel
            api-resource-approve api-resource-withdraw-approval api-exclusion-rule-preview api-exclusion-rule-remove
            api-owner-rule-apply api-owner-rule-delete api-owner-rule-move api-owner-rule-preview
            api-planned-change-cancel api-watch-rule-delete api-watch-rule-preview api-deleted-report-revoke
            api-report-delivery-send-again api-report-link-revoke api-report-revoke api-report-schedule-confirm
            api-report-schedule-pause api-report-schedule-remove api-report-schedule-resume api-report-schedule-run
            api-foreign-subscription-assign api-foreign-subscription-exclude api-foreign-subscription-undo
        """,
        "needs another role": """
            inbox inbox-approve inbox-refuse inbox-request list-view-delete list-view-save access-review
            access-review-csv access-review-xlsx access-reviewed account-change-decide campaign campaign-end
            campaign-start campaigns configuration configuration-export configuration-file configuration-schema
            customer-import customer-import-cancel customer-import-start customer-register customers-import
            customers-import-template delegation-undo delegations-assign delegations-exclude erasure erasure-certificate
            erasures foreign-subscription-undo foreign-subscriptions foreign-subscriptions-assign
            foreign-subscriptions-exclude invitation-send invitation-withdraw lighthouse managing-principal
            managing-principal-add managing-principal-check managing-principal-remove managing-principal-switch
            membership-change membership-decide membership-end membership-review organization-api-token-revoke
            organization-api-tokens organization-general organization-invite organization-journal
            organization-journal-chain organization-journal-csv organization-journal-entry organization-journal-verify
            organization-people organization-report-branding organization-report-schedule
            organization-report-schedule-add organization-report-schedule-confirm organization-report-schedule-remove
            organization-report-schedule-run organization-report-schedule-switch organization-report-schedules
            organization-reports organization-retention organization-roles organization-schedule organization-sign-in
            person-account person-leaving person-sessions-end portfolio-report portfolio-report-build
            portfolio-report-cancel portfolio-report-download portfolio-report-link-add portfolio-report-link-revoke
            portfolio-report-revoke portfolio-report-send-again portfolio-reports service-account service-account-add
            service-account-change service-account-delete service-account-secret-add service-account-secret-revoke
            service-account-switch service-accounts ticket-customers ticket-drop ticket-retry ticket-rule
            ticket-rule-add ticket-rule-delete ticket-system ticket-system-add ticket-system-delete ticket-system-switch
            ticket-system-test tickets own-control own-control-add own-control-discard own-control-edit
            own-control-publish own-control-switch own-controls api-organization-own-control
            api-organization-own-control-publish api-organization-own-control-switch api-organization-own-control-trial
            api-organization-own-controls baseline baseline-add baseline-channel baseline-channel-add baseline-delete
            baseline-parameter baseline-profile baseline-rule baseline-rule-add baseline-watch-rule
            baseline-watch-rule-add baseline-watch-rule-shipped baselines baselines-apply api-organization
            api-organization-client-secret-revoke
            api-organization-client-secrets api-organization-failed-ticket api-organization-failed-ticket-discard
            api-organization-failed-ticket-retry api-organization-failed-tickets api-organization-service-accounts
            api-organization-ticket-rule api-organization-ticket-rule-delete api-organization-ticket-rules
            api-organization-ticket-system api-organization-ticket-system-customer
            api-organization-ticket-system-customers api-organization-ticket-system-delete
            api-organization-ticket-system-disable api-organization-ticket-system-enable
            api-organization-ticket-system-status api-organization-ticket-system-test api-organization-ticket-systems
            api-organizations api-organization-baseline api-organization-baseline-apply
            api-organization-baseline-channels api-organization-baseline-channels-remove
            api-organization-baseline-delete api-organization-baseline-deviations
            api-organization-baseline-owner-rules api-organization-baseline-owner-rules-remove
            api-organization-baseline-parameters api-organization-baseline-profile
            api-organization-baseline-shipped-watch-rules api-organization-baseline-watch-rules
            api-organization-baseline-watch-rules-remove api-organization-baselines
            api-organization-campaign api-organization-campaign-end api-organization-campaigns
            api-organization-default-schedule
            api-organization-delegation api-organization-delegation-assign api-organization-delegation-exclude
            api-organization-delegation-undo api-organization-delegations api-organization-managing-principal
            api-organization-managing-principal-check api-organization-managing-principal-credential
            api-organization-managing-principal-disable api-organization-managing-principal-enable
            api-organization-managing-principal-remove api-organization-managing-principals
            api-organization-sign-in api-organization-portfolio-report api-organization-portfolio-report-cancel
            api-organization-portfolio-report-deliveries api-organization-portfolio-report-delivery
            api-organization-portfolio-report-delivery-send-again api-organization-portfolio-report-file
            api-organization-portfolio-report-link api-organization-portfolio-report-link-revoke
            api-organization-portfolio-report-links api-organization-portfolio-report-revoke
            api-organization-portfolio-reports api-organization-report-schedule
            api-organization-report-schedule-confirm api-organization-report-schedule-pause
            api-organization-report-schedule-remove api-organization-report-schedule-resume
            api-organization-report-schedule-run api-organization-report-schedules api-organization-report-settings
        """,
        "is the same for all customers": """
            control controls framework framework-csv framework-xlsx frameworks offline-verifier report-link
            report-schema surety-verify verify api-contract api-control api-controls api-frameworks api-nothing
            api-requirements
        """,
    }.items()
}


def offers_reviews(address: str | None, method: str | None = "GET") -> bool:
    """Return whether the scope of a request contains customers in which the person has a review period."""
    return address in WITHOUT_RECORDS or (address in SHOWN and method in READING)
