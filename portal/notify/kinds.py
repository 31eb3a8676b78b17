"""The kinds of events about which people and channels are notified.

Mails, channels, the page of preferences and the labels on other pages are all made from these declarations. The keys
are stored, so never rename a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import TextChoices


class Delivery(TextChoices):
    """Whether and when a person is mailed about a kind of event."""

    IMMEDIATE = "immediate", "Immediately"
    DAILY = "daily", "Daily digest"
    WEEKLY = "weekly", "Weekly digest"
    OFF = "off", "Never"


class Area(StrEnum):
    """The areas of the page of preferences, in their order there."""

    FINDINGS = "Findings"
    EXCEPTIONS = "Exceptions"
    ATTESTATIONS = "Attestations"
    CAMPAIGNS = "Campaigns"
    CHANGES_OF_RESOURCES = "Changes of resources"
    ASSESSMENTS = "Assessments"
    ACCESS_TO_AZURE = "Access to Azure"
    REPORTS = "Reports"
    RETENTION_AND_ERASURE = "Retention and erasure"


DIGESTS: Final = (Delivery.DAILY, Delivery.WEEKLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of event.

    - `key`: the stored name, also sent to webhooks
    - `area`: the area of the page of preferences
    - `label`: the name in mails and preferences, addressed to the recipient
    - `event_label`: the name in channels, where anybody may read it
    - `recipients`: the people who are notified, as in "Sent to the requester."
    - `default`: the delivery for people without a preference
    - `can_acknowledge`: the mail has a link to acknowledge the finding
    - `automatic`: tasks publish the event as long as its cause exists. `tests/portal/notify/actions/test_prune.py` must
      cover each kind with this flag
    - `if_archived`: an automatic event of this kind is published even if the customer is archived
    """

    key: str
    area: Area
    label: str
    event_label: str
    recipients: str
    default: Delivery
    can_acknowledge: bool = False
    automatic: bool = False
    if_archived: bool = False


_ALL: Final = (
    Kind(
        key="assigned",
        area=Area.FINDINGS,
        label="A finding was assigned to you",
        event_label="A finding was assigned",
        recipients="the owner",
        default=Delivery.DAILY,
        can_acknowledge=True,
    ),
    Kind(
        key="mentioned",
        area=Area.FINDINGS,
        label="You were mentioned in a comment",
        event_label="Someone was mentioned in a comment",
        recipients="the person mentioned",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="commented",
        area=Area.FINDINGS,
        label="A finding you own has a new comment",
        event_label="A finding has a new comment",
        recipients="the owner",
        default=Delivery.DAILY,
    ),
    Kind(
        key="reopened",
        area=Area.FINDINGS,
        label="A finding you own fails again",
        event_label="A finding fails again",
        recipients="the owner",
        default=Delivery.IMMEDIATE,
        can_acknowledge=True,
        automatic=True,
    ),
    Kind(
        key="overdue",
        area=Area.FINDINGS,
        label="A finding you own is overdue",
        event_label="A finding is overdue",
        recipients="the owner",
        default=Delivery.DAILY,
        can_acknowledge=True,
        automatic=True,
    ),
    Kind(
        key="exception_requested",
        area=Area.EXCEPTIONS,
        label="An exception needs your decision",
        event_label="An exception was requested",
        recipients="approvers",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="exception_decided",
        area=Area.EXCEPTIONS,
        label="Your exception request was decided",
        event_label="An exception was approved or refused",
        recipients="the requester",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="exception_commented",
        area=Area.EXCEPTIONS,
        label="An exception that concerns you has a new comment",
        event_label="An exception has a new comment",
        recipients="the requester, approvers who were asked or have decided, and people who commented",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="exception_returned",
        area=Area.EXCEPTIONS,
        label="An exception needs approval again",
        event_label="An exception needs approval again",
        recipients="the requester, the owners and approvers",
        default=Delivery.IMMEDIATE,
        automatic=True,
    ),
    Kind(
        key="exception_ending",
        area=Area.EXCEPTIONS,
        label="An exception ends soon",
        event_label="An exception ends soon",
        recipients="the requester and the owners",
        default=Delivery.IMMEDIATE,
        automatic=True,
    ),
    Kind(
        key="exception_ended",
        area=Area.EXCEPTIONS,
        label="An exception ended",
        event_label="An exception ended",
        recipients="the requester and the owners",
        default=Delivery.IMMEDIATE,
        automatic=True,
    ),
    Kind(
        key="attestation_due",
        area=Area.ATTESTATIONS,
        label="An attestation expires soon",
        event_label="An attestation expires soon",
        recipients="the person who answered and the owner",
        default=Delivery.DAILY,
        automatic=True,
    ),
    Kind(
        key="attestation_lapsed",
        area=Area.ATTESTATIONS,
        label="An attestation expired",
        event_label="An attestation expired",
        recipients="the person who answered and the owner",
        default=Delivery.IMMEDIATE,
        automatic=True,
    ),
    Kind(
        key="owner_left",
        area=Area.FINDINGS,
        label="An owner of findings lost access",
        event_label="An owner of findings lost access",
        recipients="people who can assign owners",
        default=Delivery.DAILY,
        automatic=True,
    ),
    Kind(
        key="campaign_started",
        area=Area.CAMPAIGNS,
        label="A new campaign includes your findings",
        event_label="A campaign started",
        recipients="the owner of the campaign and the owners of its open findings",
        default=Delivery.DAILY,
    ),
    Kind(
        key="campaign_due",
        area=Area.CAMPAIGNS,
        label="The due date of a campaign is near or past",
        event_label="The due date of a campaign is near or past",
        recipients="the owner of the campaign and the owners of its open findings",
        default=Delivery.DAILY,
        automatic=True,
    ),
    Kind(
        key="schedule_missed",
        area=Area.ASSESSMENTS,
        label="Scheduled assessments were missed",
        event_label="Scheduled assessments were missed",
        recipients="people who administer the customer",
        default=Delivery.DAILY,
        automatic=True,
    ),
    Kind(
        key="schedule_paused",
        area=Area.ASSESSMENTS,
        label="Scheduled assessments are paused",
        event_label="Scheduled assessments are paused",
        recipients="people who administer the customer",
        default=Delivery.IMMEDIATE,
        automatic=True,
    ),
    Kind(
        key="credential_ending",
        area=Area.ACCESS_TO_AZURE,
        label="A credential expires soon",
        event_label="A credential expires soon",
        recipients="people who can change service principals, 30, 14, 7 and 1 days before the credential expires",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="credential_refused",
        area=Area.ACCESS_TO_AZURE,
        label="Entra refused a credential",
        event_label="Entra refused a credential",
        recipients="people who can change service principals",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="exclusion_begun",
        area=Area.ASSESSMENTS,
        label="A rule excludes a subscription that was assessed before",
        event_label="A rule excludes a subscription that was assessed before",
        recipients="people who administer the customer",
        default=Delivery.DAILY,
    ),
    Kind(
        key="exclusion_ended",
        area=Area.ASSESSMENTS,
        label="The exclusion of a subscription ended",
        event_label="The exclusion of a subscription ended",
        recipients="people who administer the customer",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="control_switched_off",
        area=Area.ASSESSMENTS,
        label="A control was switched off or removed from the profile",
        event_label="A control was switched off or removed from the profile",
        recipients="people who administer the customer or approve its exceptions",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="retention_shortened",
        area=Area.RETENTION_AND_ERASURE,
        label="Data of a customer will be kept for a shorter time",
        event_label="Data will be kept for a shorter time",
        recipients="people who can change how long data is kept",
        default=Delivery.IMMEDIATE,
        automatic=True,
        # Retention also deletes old data of archived customers, so this event is published for archived customers too.
        if_archived=True,
    ),
    Kind(
        key="customer_erasure",
        area=Area.RETENTION_AND_ERASURE,
        label="The erasure of a customer was requested, confirmed or withdrawn",
        event_label="The erasure of a customer was requested, confirmed or withdrawn",
        recipients="people who administer the customer",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="erasure_wait_shortened",
        area=Area.RETENTION_AND_ERASURE,
        label="The waiting period between the confirmation of an erasure and its start will become shorter",
        event_label="The waiting period of erasures will become shorter",
        recipients="people who administer the organization",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="report_revoked",
        area=Area.REPORTS,
        label="A report was revoked",
        event_label="A report was revoked",
        recipients="people who can read the customer’s reports",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="report_not_delivered",
        area=Area.REPORTS,
        label="A scheduled report was missed, could not be built or could not be delivered",
        event_label="A scheduled report was missed, not built or not delivered",
        recipients="the person who added the schedule",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="time_stamp_not_renewed",
        area=Area.REPORTS,
        label="Archive time stamps of reports could not be renewed",
        event_label="Archive time stamps of reports could not be renewed",
        recipients="people who administer the customer, at most once a week",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="change_caught",
        area=Area.CHANGES_OF_RESOURCES,
        label="A watch rule caught a change",
        event_label="A watch rule caught a change",
        recipients="channels, and people who choose to be mailed",
        default=Delivery.OFF,
    ),
    Kind(
        key="change_of_owned",
        area=Area.CHANGES_OF_RESOURCES,
        label="A resource with findings you own was changed",
        event_label="A resource whose findings have an owner was changed",
        recipients="the owners of findings on the resource, if a watch rule caught the change",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="change_assigned",
        area=Area.CHANGES_OF_RESOURCES,
        label="An unexpected change was assigned to you",
        event_label="An unexpected change was assigned",
        recipients="the owner of the change",
        default=Delivery.IMMEDIATE,
    ),
    Kind(
        key="change_overdue",
        area=Area.CHANGES_OF_RESOURCES,
        label="An unexpected change that you own is overdue",
        event_label="An unexpected change is overdue",
        recipients="the owner of the change; if the owner lost access, people who can assign findings",
        default=Delivery.DAILY,
    ),
    Kind(
        key="assessment_ended",
        area=Area.ASSESSMENTS,
        label="An assessment ended",
        event_label="An assessment ended",
        recipients="channels, and people who choose to be mailed",
        default=Delivery.OFF,
        automatic=True,
    ),
)

KINDS: Final = {kind.key: kind for kind in _ALL}
