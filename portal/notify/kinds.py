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


DIGESTS: Final = (Delivery.DAILY, Delivery.WEEKLY)


class Kind(NamedTuple):
    """`label` speaks to the person who is told, `event` to everybody; `to` says whom it reaches.

    `to_act`: its mail offers to acknowledge the finding.
    """

    key: str
    label: str
    event: str
    to: str
    default: Delivery
    to_act: bool = False


_AT_ONCE, _DAILY, _OFF = Delivery.IMMEDIATE, Delivery.DAILY, Delivery.OFF
_ASKED_AND_OWNERS: Final = "who asked and the owners"
_GAVE_AND_OWNER: Final = "who gave it and the owner"

KINDS: Final = {
    kind.key: kind
    for kind in (
        Kind("assigned", "A finding was given to you", "A finding was given to an owner", "its owner", _DAILY,
             to_act=True),
        Kind("mentioned", "You were mentioned in a comment", "Somebody was mentioned in a comment",
             "who was mentioned", _AT_ONCE),
        Kind("commented", "A comment on a finding you own", "A comment on a finding", "its owner", _DAILY),
        Kind("reopened", "A finding you own fails again", "A finding fails again", "its owner", _AT_ONCE,
             to_act=True),
        Kind("overdue", "A finding you own is overdue", "A finding is overdue", "its owner", _DAILY,
             to_act=True),
        Kind("exception_requested", "An exception waits for a decision", "An exception waits for a decision",
             "approvers", _AT_ONCE),
        Kind("exception_decided", "Your request was decided", "An exception was decided", "who asked",
             _AT_ONCE),
        Kind("exception_returned", "An exception came back: what was approved has changed",
             "An exception came back: what was approved has changed", "who asked, the owners and approvers",
             _AT_ONCE),
        Kind("exception_ending", "An exception ends soon", "An exception ends soon", _ASKED_AND_OWNERS,
             _AT_ONCE),
        Kind("exception_ended", "An exception ended", "An exception ended", _ASKED_AND_OWNERS, _AT_ONCE),
        Kind("attestation_due", "An attestation ends soon", "An attestation ends soon", _GAVE_AND_OWNER,
             _DAILY),
        Kind("attestation_lapsed", "An attestation expired", "An attestation expired", _GAVE_AND_OWNER,
             _AT_ONCE),
        Kind("owner_left", "Somebody who owns findings has lost access", "An owner of findings has lost access",
             "who assigns owners", _DAILY),
        Kind("assessment_ended", "An assessment ended", "An assessment ended",
             "channels, and people who ask for it", _OFF),
    )
}  # fmt: skip
