"""Define the icon, colour role and label of each kind of treatment event in timelines."""

from __future__ import annotations

from typing import Final, NamedTuple

from portal.treatment.models import TreatmentEvent

Kind = TreatmentEvent.Kind


class EventMark(NamedTuple):
    """The icon, colour role and label of one kind of event in a timeline."""

    icon: str
    role: str
    label: str


_LOOKS: Final = {
    Kind.OWNER: ("person", "accent"),
    Kind.ACKNOWLEDGED: ("acknowledged", "warn"),
    Kind.UNACKNOWLEDGED: ("undo", "unknown"),
    Kind.EXCEPTION_REQUESTED: ("queued", "warn"),
    Kind.EXCEPTION_APPROVED: ("tick", "pass"),
    Kind.EXCEPTION_REFUSED: ("refused", "unknown"),
    Kind.EXCEPTION_WITHDRAWN: ("left", "unknown"),
    Kind.EXCEPTION_STARTED: ("excepted", "manual"),
    Kind.EXCEPTION_EXTENDED: ("plus", "manual"),
    Kind.EXCEPTION_LEFT: ("left", "unknown"),
    Kind.EXCEPTION_RETURNED: ("undo", "fail"),
    Kind.EXCEPTION_EXPIRED: ("lapsed", "unknown"),
    Kind.EXCEPTION_REVOKED: ("revoked", "unknown"),
    Kind.ATTESTED: ("attested", "pass"),
    Kind.ATTESTATION_WITHDRAWN: ("left", "unknown"),
    Kind.ATTESTATION_LAPSED: ("lapsed", "fail"),
}

MARKS: Final = {kind: EventMark(*looks, str(kind.label)) for kind, looks in _LOOKS.items()}
