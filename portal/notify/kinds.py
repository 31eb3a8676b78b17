"""What can be told, as data: its words, whom it concerns, and how it is delivered unless somebody chooses."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db.models import TextChoices


class Delivery(TextChoices):
    """How a person hears of a kind of event."""

    IMMEDIATE = "immediate", "At once"
    DAILY = "daily", "In a daily digest"
    WEEKLY = "weekly", "In a weekly digest"
    OFF = "off", "Not at all"


class Kind(NamedTuple):
    """`to` says whom it reaches. `of_finding`: it is told only while the person may see the finding;
    `to_act`: its mail offers to acknowledge the finding.
    """

    key: str
    label: str
    to: str
    default: Delivery
    of_finding: bool = False
    to_act: bool = False


KINDS: Final = {
    kind.key: kind
    for kind in (
        Kind("assigned", "A finding was given to you", "its owner", Delivery.DAILY, True, True),
        Kind("mentioned", "You were mentioned in a comment", "who was mentioned", Delivery.IMMEDIATE, True),
        Kind("commented", "A comment on a finding you own", "its owner", Delivery.DAILY, True),
        Kind("reopened", "A finding you own fails again", "its owner", Delivery.IMMEDIATE, True, True),
        Kind("overdue", "A finding you own is overdue", "its owner", Delivery.DAILY, True, True),
        Kind("exception_requested", "An exception waits for a decision", "approvers", Delivery.IMMEDIATE),
        Kind("exception_decided", "Your request was decided", "who asked", Delivery.IMMEDIATE),
        Kind(
            "exception_returned",
            "An exception came back: what was approved has changed",
            "who asked, the owners and approvers",
            Delivery.IMMEDIATE,
        ),
        Kind("exception_ending", "An exception ends soon", "who asked and the owners", Delivery.IMMEDIATE),
        Kind("exception_ended", "An exception ended", "who asked and the owners", Delivery.IMMEDIATE),
        Kind("attestation_due", "An attestation ends soon", "who gave it and the owner", Delivery.DAILY),
        Kind("attestation_lapsed", "An attestation expired", "who gave it and the owner", Delivery.IMMEDIATE),
        Kind("assessment_ended", "An assessment ended", "channels, and people who ask for it", Delivery.OFF),
    )
}
