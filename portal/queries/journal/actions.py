"""Labels of the journal's actions.

A test finds every action that the code records, and fails if an action has no label here. An unknown action, recorded
by another version, is shown as its slug.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A group of actions for the page's filter. `icon` is a name in `portal.web.components.icons`."""

    label: str
    icon: str


# In the order of the filter.
KINDS: Final[Mapping[str, Kind]] = {
    "exceptions": Kind("Exceptions", "exceptions"),
    "findings": Kind("Findings", "findings"),
    "attestations": Kind("Attestations", "attestations"),
    "rules": Kind("Owner rules", "person"),
    "assessments": Kind("Assessments", "assessments"),
    "reports": Kind("Reports", "reports"),
    "people": Kind("People and access", "key"),
    "sign-in": Kind("Sign-in and accounts", "verify"),
    "azure": Kind("Connection to Azure", "tenant"),
    "settings": Kind("Settings", "settings"),
    "notifications": Kind("Notifications", "bell"),
    "other": Kind("Other", "note"),
}


class Action(NamedTuple):
    """The label of an action, and its group: a key of KINDS."""

    label: str
    kind: str


ACTIONS: Final[Mapping[str, Action]] = {
    "access.reviewed": Action("Access reviewed", "people"),
    "baseline.changed": Action("Baseline changed", "settings"),
    "baseline.created": Action("Baseline created", "settings"),
    "baseline.deleted": Action("Baseline deleted", "settings"),
    "campaign.changed": Action("Campaign changed", "findings"),
    "campaign.ended": Action("Campaign ended", "findings"),
    "campaign.started": Action("Campaign started", "findings"),
    "account.signed_in": Action("Signed in", "sign-in"),
    "account.sign_in_failed": Action("Sign-in failed", "sign-in"),
    "account.sign_in_failures": Action("Further sign-ins failed", "sign-in"),
    "account.signed_out": Action("Signed out", "sign-in"),
    "account.sessions_ended": Action("Sessions ended", "sign-in"),
    "account.name_changed": Action("Name changed", "sign-in"),
    "account.password_changed": Action("Password changed", "sign-in"),
    "account.password_reset": Action("Password reset by mail", "sign-in"),
    "account.second_factor_added": Action("Second factor added", "sign-in"),
    "account.second_factor_removed": Action("Second factor removed", "sign-in"),
    "account.second_factors_reset": Action("Second factors removed by an administrator", "sign-in"),
    "account.recovery_codes_replaced": Action("Recovery codes replaced", "sign-in"),
    "account.address_change_requested": Action("Change of email address requested", "sign-in"),
    "account.address_changed": Action("Email address changed", "sign-in"),
    "account.address_confirmed": Action("Email address confirmed", "sign-in"),
    "account.identity_linked": Action("Single sign-on identity linked", "sign-in"),
    "account.identity_unlinked": Action("Single sign-on identity unlinked", "sign-in"),
    "account.identity_permitted": Action(
        "Permitted to link an identity at the next single sign-on", "sign-in"
    ),
    "account.disabled": Action("Account disabled", "sign-in"),
    "account.enabled": Action("Account enabled", "sign-in"),
    "account.change_requested": Action("Account change requested", "sign-in"),
    "account.change_confirmed": Action("Account change confirmed", "sign-in"),
    "account.change_refused": Action("Account change refused or withdrawn", "sign-in"),
    "account.permissions_ended": Action(
        "Permissions granted for the account ended, because it got a new role", "sign-in"
    ),
    "account.reset_for_role": Action(
        "Sign-in reset before a role, because one administrator had changed it without a second one",
        "sign-in",
    ),
    "account.emergency_access_created": Action("Emergency access created", "sign-in"),
    "account.emergency_access_used": Action("Emergency access used", "sign-in"),
    "assessment.start": Action("Assessment started", "assessments"),
    "assessment.end": Action("Assessment ended", "assessments"),
    "assessment.cancel": Action("Assessment cancelled", "assessments"),
    "attestation.given": Action("Manual control answered", "attestations"),
    "attestation.withdrawn": Action("Answer withdrawn", "attestations"),
    "attestation.lapsed": Action("Answer expired", "attestations"),
    "channel.added": Action("Channel added", "notifications"),
    "channel.changed": Action("Channel changed", "notifications"),
    "channel.enabled": Action("Channel turned on", "notifications"),
    "channel.disabled": Action("Channel turned off", "notifications"),
    "channel.secret_rotated": Action("Channel secret replaced", "notifications"),
    "channel.tested": Action("Test sent to channel", "notifications"),
    "channel.deleted": Action("Channel deleted", "notifications"),
    "channel.post_retried": Action("Failed post retried", "notifications"),
    "channel.post_dropped": Action("Failed post discarded", "notifications"),
    "notice.mail_retried": Action("Failed mail retried", "notifications"),
    "notice.mail_dropped": Action("Failed mail discarded", "notifications"),
    "comment.added": Action("Comment added", "findings"),
    "comment.edited": Action("Comment edited", "findings"),
    "comment.deleted": Action("Comment deleted", "findings"),
    "configuration.applied": Action("Configuration file applied", "settings"),
    "customers.import_ended": Action("Import of customers ended", "settings"),
    "customers.import_started": Action("Import of customers started", "settings"),
    "control.parameters": Action("Control parameters changed", "settings"),
    "directory.added": Action("Directory added", "azure"),
    "names.erase": Action("Names of the directory erased", "azure"),
    "exception.requested": Action("Exception requested", "exceptions"),
    "exception.approved": Action("Exception approved", "exceptions"),
    "exception.refused": Action("Exception refused", "exceptions"),
    "exception.withdrawn": Action("Exception withdrawn", "exceptions"),
    "exception.started": Action("Exception started", "exceptions"),
    "exception.extended": Action("Findings added to exception", "exceptions"),
    "exception.shrunk": Action("Findings removed from exception", "exceptions"),
    "exception.returned": Action("Exception returned for review", "exceptions"),
    "exception.expired": Action("Exception expired", "exceptions"),
    "exception.lapsed": Action("Exception request expired", "exceptions"),
    "exception.revoked": Action("Exception revoked", "exceptions"),
    "exception.commented": Action("Comment on exception added", "exceptions"),
    "exception.comment_deleted": Action("Comment on exception deleted", "exceptions"),
    "finding.assigned": Action("Findings assigned", "findings"),
    "finding.claimed": Action("Findings claimed", "findings"),
    "finding.acknowledged": Action("Findings acknowledged", "findings"),
    "finding.acknowledgement_withdrawn": Action("Acknowledgement undone", "findings"),
    "finding.checked_again": Action("Finding checked again", "findings"),
    "finding.undone": Action("Action on findings undone", "findings"),
    "membership.invited": Action("Person invited", "people"),
    "membership.invitation_accepted": Action("Invitation accepted", "people"),
    "membership.granted": Action("Access granted", "people"),
    "membership.confirmed": Action("Role confirmed by a second administrator", "people"),
    "membership.confirmation_refused": Action("Role refused by a second administrator", "people"),
    "membership.invitation_withdrawn": Action("Invitation withdrawn", "people"),
    "membership.shortened": Action("Access shortened", "people"),
    "membership.revoked": Action("Access revoked", "people"),
    "domain.claimed": Action("Domain owner recorded", "settings"),
    "domain.withdrawn": Action("Domain owner removed", "settings"),
    "organization.sign_in_policy_changed": Action("Sign-in policy changed", "settings"),
    "organization.default_schedule_changed": Action("Default schedule changed", "settings"),
    "organization.default_watch_changed": Action("Default watch changed", "settings"),
    "organization.report_paper_changed": Action("Paper of reports changed", "settings"),
    "organization.report_language_changed": Action("Language of reports changed", "settings"),
    "organization.report_branding_changed": Action("Branding of reports changed", "settings"),
    "organization.report_branding_removed": Action("Branding of reports removed", "settings"),
    "organization.report_link_days_changed": Action("Validity of links to reports changed", "settings"),
    "organization.time_zone_changed": Action("Time zone changed", "settings"),
    "organization.renamed": Action("Organization renamed", "settings"),
    "organization.registered": Action("Organization registered", "settings"),
    "owner_rule.created": Action("Owner rule created", "rules"),
    "owner_rule.changed": Action("Owner rule changed", "rules"),
    "owner_rule.moved": Action("Owner rule moved", "rules"),
    "owner_rule.deleted": Action("Owner rule deleted", "rules"),
    "owner_rules.applied": Action("Owner rules applied", "rules"),
    "report_schedule.added": Action("Report schedule added", "reports"),
    "report_schedule.changed": Action("Report schedule changed", "reports"),
    "report_schedule.paused": Action("Report schedule paused", "reports"),
    "report_schedule.resumed": Action("Report schedule resumed", "reports"),
    "report_schedule.removed": Action("Report schedule removed", "reports"),
    "report_schedule.addresses_confirmed": Action("Addresses for reports confirmed", "reports"),
    "report_schedule.recipient_removed": Action("Recipient of reports removed", "reports"),
    "report_schedule.handed_over": Action("Report schedule handed over", "reports"),
    "report_schedule.run_requested": Action("Scheduled report requested", "reports"),
    "report_schedule.missed": Action("Scheduled reports missed", "reports"),
    "report_schedule.retried": Action("Scheduled report not built yet", "reports"),
    "report_schedule.failed": Action("Scheduled report failed", "reports"),
    "report.sent": Action("Report sent by mail", "reports"),
    "report.not_sent": Action("Report not sent by mail", "reports"),
    "report.sent_again": Action("Resending of a report requested", "reports"),
    "file.downloaded": Action("File downloaded", "reports"),
    "report_link.made": Action("Link to a report made", "reports"),
    "report_link.used": Action("Report downloaded with a link", "reports"),
    "report_link.revoked": Action("Link to a report revoked", "reports"),
    "portfolio_report.requested": Action("Portfolio report requested", "reports"),
    "portfolio_report.built": Action("Portfolio report built and signed", "reports"),
    "portfolio_report.cancelled": Action("Portfolio report cancelled", "reports"),
    "portfolio_report.failed": Action("Portfolio report failed", "reports"),
    "portfolio_report.revoked": Action("Portfolio report revoked", "reports"),
    "portfolio_report.superseded": Action("Portfolio report superseded", "reports"),
    "portfolio_report.file_refused": Action("Changed portfolio report file refused", "reports"),
    "portfolio_report.time_stamp_not_renewed": Action(
        "Archive time stamp of portfolio report not renewed", "reports"
    ),
    "portfolio_report.time_stamp_renewed": Action(
        "Archive time stamp of portfolio report renewed", "reports"
    ),
    "portfolio_report.sent": Action("Portfolio report sent by mail", "reports"),
    "portfolio_report.not_sent": Action("Portfolio report not sent by mail", "reports"),
    "portfolio_report.sent_again": Action("Resending of a portfolio report requested", "reports"),
    "portfolio_report.deleted": Action("Portfolio reports deleted", "reports"),
    "report.requested": Action("Report requested", "reports"),
    "report.built": Action("Report built and signed", "reports"),
    "report.cancelled": Action("Report cancelled", "reports"),
    "report.revoked": Action("Report revoked", "reports"),
    "report.time_stamp_not_renewed": Action("Archive time stamp of report not renewed", "reports"),
    "report.time_stamp_renewed": Action("Archive time stamp of report renewed", "reports"),
    "report.superseded": Action("Report superseded", "reports"),
    "report.failed": Action("Report failed", "reports"),
    "report.evidence_exported": Action("Evidence bundle downloaded", "reports"),
    "report.file_refused": Action("Changed report file refused", "reports"),
    "retention.changed": Action("Retention policy changed", "settings"),
    "retention.deleted": Action("Old data deleted", "settings"),
    "retention.hold_lifted": Action("Legal hold lifted", "settings"),
    "retention.hold_placed": Action("Legal hold placed", "settings"),
    "schedule.changed": Action("Schedule changed", "settings"),
    "watch.changed": Action("Watch changed", "settings"),
    "schedule.missed": Action("Scheduled assessments missed", "assessments"),
    "service_principal.added": Action("Service principal added", "azure"),
    "service_principal.credential_refused": Action("New credential refused", "azure"),
    "service_principal.disabled": Action("Service principal disabled", "azure"),
    "service_principal.enabled": Action("Service principal enabled", "azure"),
    "service_principal.removed": Action("Service principal removed", "azure"),
    "service_principal.credential_rotated": Action("Service principal credential replaced", "azure"),
    "service_principal.signed_in": Action("Service principal signed in", "azure"),
    "service_principal.sign_in_failed": Action("Service principal sign-in failed", "azure"),
    "service_principal.preflight": Action("Permissions checked", "azure"),
    "managing_principal.added": Action("Service principal of the organization added", "azure"),
    "managing_principal.credential_refused": Action("New credential of the organization refused", "azure"),
    "managing_principal.credential_rotated": Action("Credential of the organization replaced", "azure"),
    "managing_principal.disabled": Action("Service principal of the organization disabled", "azure"),
    "managing_principal.enabled": Action("Service principal of the organization enabled", "azure"),
    "managing_principal.removed": Action("Service principal of the organization removed", "azure"),
    "managing_principal.signed_in": Action("Service principal of the organization signed in", "azure"),
    "managing_principal.sign_in_failed": Action("Sign-in of the organization failed", "azure"),
    "delegations.changed": Action("Delegated subscriptions changed", "azure"),
    "delegation.assigned": Action("Delegated subscription assigned to a customer", "azure"),
    "delegation.excluded": Action("Delegated subscription excluded", "azure"),
    "delegation.undone": Action("Decision about a delegated subscription undone", "azure"),
    "exclusion_rule.added": Action("Exclusion rule added", "azure"),
    "exclusion_rule.changed": Action("Exclusion rule changed", "azure"),
    "exclusion_rule.removed": Action("Exclusion rule removed", "azure"),
    "exclusion_rules.applied": Action("Exclusion rules applied to subscriptions", "azure"),
    "subscription.delegation_assigned": Action("Delegated subscription assigned", "azure"),
    "subscription.delegation_withdrawn": Action("Assignment of a delegated subscription undone", "azure"),
    "subscription.foreign_assigned": Action("Subscription of another directory assigned", "azure"),
    "subscription.foreign_excluded": Action("Subscription of another directory excluded", "azure"),
    "subscription.foreign_received": Action(
        "Subscription assigned to this customer, seen by another customer’s service principal", "azure"
    ),
    "subscription.foreign_undone": Action("Decision about a subscription undone", "azure"),
    "subscription.foreign_withdrawn": Action("Assignment of a subscription undone", "azure"),
    "subscription.included": Action("Subscription included", "azure"),
    "subscription.left_out": Action("Subscription excluded", "azure"),
    "subscriptions.changed": Action("Subscriptions changed in Azure", "azure"),
    "tenant.registered": Action("Customer registered", "settings"),
    "export.requested": Action("Export of the customer requested", "settings"),
    "export.built": Action("Export of the customer written", "settings"),
    "export.cancelled": Action("Export of the customer cancelled", "settings"),
    "export.failed": Action("Export of the customer failed", "settings"),
    "export.downloaded": Action("Export of the customer downloaded", "settings"),
    "export.file_refused": Action("Changed file of an export refused", "settings"),
    "export.expired": Action("Export of the customer deleted", "settings"),
    "erasure.requested": Action("Erasure requested", "settings"),
    "erasure.confirmed": Action("Erasure confirmed", "settings"),
    "erasure.withdrawn": Action("Erasure withdrawn", "settings"),
    "erasure.started": Action("Erasure started", "settings"),
    "erasure.done": Action("Erasure finished", "settings"),
    "erasure.certificate_downloaded": Action("Certificate of erasure downloaded", "settings"),
    "journal.redacted": Action("Text of journal entries removed", "other"),
    "organization.erasure_wait_changed": Action("Waiting period of erasures changed", "settings"),
    "tenant.archived": Action("Customer archived", "settings"),
    "tenant.restored": Action("Customer restored", "settings"),
    "tenant.changed": Action("Policy changed", "settings"),
    "view.saved": Action("View saved", "settings"),
    "view.changed": Action("View changed", "settings"),
    "view.deleted": Action("View deleted", "settings"),
}


def label_of(action: str) -> str:
    """Return the label of an action, or its slug if it has none."""
    known = ACTIONS.get(action)
    return known.label if known else action


def kind_of(action: str) -> str:
    """Return the action's key of KINDS; `other` for an unknown action."""
    known = ACTIONS.get(action)
    return known.kind if known else "other"
