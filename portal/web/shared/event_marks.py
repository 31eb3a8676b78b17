"""Icon, colour role and label of each kind of treatment event in timelines."""

from __future__ import annotations

from typing import Final, NamedTuple

from portal.treatment.models import TreatmentEvent

Kind = TreatmentEvent.Kind


class EventMark(NamedTuple):
    """How a timeline shows one kind of event."""

    icon: str
    role: str
    label: str


MARKS: Final = {
    Kind.OWNER: EventMark("person", "accent", "Owner changed"),
    Kind.ACKNOWLEDGED: EventMark("acknowledged", "warn", "Acknowledged"),
    Kind.UNACKNOWLEDGED: EventMark("undo", "unknown", "Acknowledgement undone"),
    Kind.EXCEPTION_REQUESTED: EventMark("queued", "warn", "Exception requested"),
    Kind.EXCEPTION_APPROVED: EventMark("tick", "pass", "Exception approved"),
    Kind.EXCEPTION_REFUSED: EventMark("refused", "unknown", "Exception refused"),
    Kind.EXCEPTION_WITHDRAWN: EventMark("left", "unknown", "Exception request withdrawn"),
    Kind.EXCEPTION_STARTED: EventMark("excepted", "manual", "Exception started"),
    Kind.EXCEPTION_EXTENDED: EventMark("plus", "manual", "Added to an exception by its rule"),
    Kind.EXCEPTION_LEFT: EventMark("left", "unknown", "No longer matches the rule of an exception"),
    Kind.EXCEPTION_RETURNED: EventMark("undo", "fail", "Exception returned"),
    Kind.EXCEPTION_EXPIRED: EventMark("lapsed", "unknown", "Exception expired"),
    Kind.EXCEPTION_REVOKED: EventMark("revoked", "unknown", "Exception revoked"),
    Kind.ATTESTED: EventMark("attested", "pass", "Attested"),
    Kind.ATTESTATION_WITHDRAWN: EventMark("left", "unknown", "Attestation withdrawn"),
    Kind.ATTESTATION_LAPSED: EventMark("lapsed", "fail", "Attestation expired"),
}
