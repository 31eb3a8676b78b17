"""What the journal's entries say in words: a line for each action that is recorded.

A test finds every action that the code records and refuses one without words here. What an older or newer
version recorded and this one does not know shows its slug.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A group of actions, as the page's filter offers it. `icon` of portal.web.components.icons."""

    label: str
    icon: str


# In the order in which the filter shows them.
KINDS: Final[Mapping[str, Kind]] = {
    "exceptions": Kind("Exceptions", "exceptions"),
    "findings": Kind("Findings", "findings"),
    "attestations": Kind("Attestations", "attestations"),
    "rules": Kind("Owner rules", "person"),
    "assessments": Kind("Assessments", "assessments"),
    "reports": Kind("Reports", "reports"),
    "people": Kind("People and access", "key"),
    "azure": Kind("Connection to Azure", "tenant"),
    "settings": Kind("Settings", "settings"),
    "notifications": Kind("Notifications", "bell"),
    "other": Kind("Other", "note"),
}


class Action(NamedTuple):
    """`kind` is a key of KINDS."""

    words: str
    kind: str


ACTIONS: Final[Mapping[str, Action]] = {
    "assessment.start": Action("Assessment started", "assessments"),
    "assessment.end": Action("Assessment ended", "assessments"),
    "assessment.cancel": Action("Assessment cancelled", "assessments"),
    "attestation.given": Action("Manual control answered", "attestations"),
    "attestation.withdrawn": Action("Answer withdrawn", "attestations"),
    "attestation.lapsed": Action("Answer lapsed", "attestations"),
    "channel.added": Action("Channel added", "notifications"),
    "channel.changed": Action("Channel changed", "notifications"),
    "channel.enabled": Action("Channel switched on", "notifications"),
    "channel.disabled": Action("Channel switched off", "notifications"),
    "channel.secret_rotated": Action("Channel’s signing secret replaced", "notifications"),
    "channel.tested": Action("Test sent to channel", "notifications"),
    "channel.deleted": Action("Channel deleted", "notifications"),
    "channel.post_retried": Action("Undelivered post sent again", "notifications"),
    "channel.post_dropped": Action("Undelivered post dropped", "notifications"),
    "notice.mail_retried": Action("Undelivered mail sent again", "notifications"),
    "notice.mail_dropped": Action("Undelivered mail dropped", "notifications"),
    "comment.added": Action("Comment written", "findings"),
    "comment.edited": Action("Comment edited", "findings"),
    "comment.deleted": Action("Comment deleted", "findings"),
    "control.parameters": Action("Control’s parameters changed", "settings"),
    "directory.added": Action("Directory added", "azure"),
    "exception.requested": Action("Exception asked for", "exceptions"),
    "exception.approved": Action("Exception approved", "exceptions"),
    "exception.refused": Action("Exception refused", "exceptions"),
    "exception.withdrawn": Action("Exception withdrawn", "exceptions"),
    "exception.started": Action("Exception began", "exceptions"),
    "exception.extended": Action("Exception took in more findings", "exceptions"),
    "exception.shrunk": Action("Exception lost findings", "exceptions"),
    "exception.returned": Action("Exception returned to the approvers", "exceptions"),
    "exception.expired": Action("Exception expired", "exceptions"),
    "exception.lapsed": Action("Request for an exception lapsed undecided", "exceptions"),
    "exception.revoked": Action("Exception revoked", "exceptions"),
    "finding.assigned": Action("Findings assigned", "findings"),
    "finding.claimed": Action("Findings claimed", "findings"),
    "finding.acknowledged": Action("Findings acknowledged", "findings"),
    "finding.acknowledgement_withdrawn": Action("Acknowledgement withdrawn", "findings"),
    "finding.undone": Action("Action on findings undone", "findings"),
    "membership.invited": Action("Person invited", "people"),
    "membership.invitation_accepted": Action("Invitation accepted", "people"),
    "membership.granted": Action("Access granted", "people"),
    "membership.revoked": Action("Access revoked", "people"),
    "organization.registered": Action("Organization registered", "settings"),
    "owner_rule.created": Action("Owner rule created", "rules"),
    "owner_rule.changed": Action("Owner rule changed", "rules"),
    "owner_rule.moved": Action("Owner rule moved", "rules"),
    "owner_rule.deleted": Action("Owner rule deleted", "rules"),
    "owner_rules.applied": Action("Owner rules applied", "rules"),
    "report.requested": Action("Report asked for", "reports"),
    "report.built": Action("Report built and signed", "reports"),
    "report.failed": Action("Report failed", "reports"),
    "service_principal.added": Action("Service principal added", "azure"),
    "service_principal.credential_rotated": Action("Service principal’s credential replaced", "azure"),
    "service_principal.signed_in": Action("Service principal signed in", "azure"),
    "service_principal.sign_in_failed": Action("Service principal’s sign-in failed", "azure"),
    "service_principal.preflight": Action("Permissions checked (pre-flight)", "azure"),
    "subscription.included": Action("Subscription included", "azure"),
    "subscription.left_out": Action("Subscription left out", "azure"),
    "subscriptions.changed": Action("Subscriptions changed in Azure", "azure"),
    "tenant.registered": Action("Customer registered", "settings"),
    "tenant.changed": Action("Policy or name changed", "settings"),
    "view.saved": Action("View saved", "settings"),
    "view.changed": Action("View changed", "settings"),
    "view.deleted": Action("View deleted", "settings"),
}


def words_of(action: str) -> str:
    """The action in words; its slug where there are none."""
    known = ACTIONS.get(action)
    return known.words if known else action


def kind_of(action: str) -> str:
    """A key of KINDS; `other` for an action that is not known."""
    known = ACTIONS.get(action)
    return known.kind if known else "other"
