"""Whether what is told of exceptions and attestations still holds when the mail is made; see `notify.rechecks`.

What asks for something (a request that waits, an end that is near) is not mailed once it is done with. What has
happened (it was decided, it ended) stays so and is. Neither is mailed to who sees the exception no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from assessments.models import Finding
from portal.notify.models import Notice
from portal.notify.notice_validity import CurrentText
from portal.treatment.models import FindingException, Treatment
from portal.treatment.selectors.findings import exceptions_of
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.roles import Capability, Role, capabilities
from tenants.selectors import members

State = FindingException.State
# Kind of notice -> the states in which it still asks for something.
EXCEPTION_KINDS: Final[Mapping[str, Sequence[State]]] = {
    "exception_requested": (State.REQUESTED,),
    "exception_returned": (State.RETURNED,),
    "exception_ending": FindingException.COVERING,
    "exception_decided": tuple(State),
    "exception_ended": tuple(State),
}
ATTESTATION_KINDS: Final = ("attestation_due", "attestation_lapsed")


def validate_exception_notices(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """None for those of one person's notices of one kind that no longer hold; the others stay as they are."""
    about = _subjects(notices, "exception")
    rows = FindingException.objects.filter(tenant=tenant, pk__in=about.values())
    person = notices[0].person
    if not _sees_all(tenant, person):
        rows = rows.filter(exceptions_of(person.pk))
    states = EXCEPTION_KINDS[notices[0].kind]
    ends = {row.pk: row.ends_at for row in rows.only("pk", "state", "ends_at") if row.state in states}
    return {
        notice.pk: None
        for notice in notices
        if notice.pk in about
        and (about[notice.pk] not in ends or _end_was_moved(notice, ends[about[notice.pk]]))
    }


def validate_attestation_notices(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """None for those whose answer is no longer the one that counts, or that is about what is observed again."""
    about = _subjects(notices, "attestation")
    rows = Treatment.objects.filter(
        tenant=tenant,
        attestation__in=about.values(),
        finding__outcome=Finding.Outcome.MANUAL,
        finding__gone_at__isnull=True,
    )
    counting = {
        answer: bound not in ("", observed)
        for answer, bound, observed in rows.values_list(
            "attestation_id", "attested_sha256", "finding__observed_sha256"
        )
    }
    over: dict[UUID, CurrentText | None] = {}
    for notice in notices:
        if (answer := about.get(notice.pk)) is None:
            continue
        anew = notice.key.endswith(":asked_anew")
        if answer not in counting or (anew and not counting[answer]):
            over[notice.pk] = None
    return over


def _subjects(notices: Sequence[Notice], what: str) -> dict[UUID, UUID]:
    """Notice -> the object whose id its key names: `exception:<id>:...`."""
    found = {}
    for notice in notices:
        name, _, rest = notice.key.partition(":")
        identifier = parse_uuid(rest.partition(":")[0]) if name == what else None
        if identifier is not None:
            found[notice.pk] = identifier
    return found


def _end_was_moved(notice: Notice, ends_at: datetime) -> bool:
    """Whether it tells of an end (`...:ending:<days>:<end>`) that an approver has moved since."""
    if notice.kind != "exception_ending":
        return False
    try:
        told = datetime.fromisoformat(notice.key.split(":", 4)[-1])
    except ValueError:
        return False
    return told != ends_at


def _sees_all(tenant: Tenant, person: Person) -> bool:
    roles = members(tenant).filter(person=person).order_by().values_list("role", flat=True)
    return Capability.VIEW_ALL in capabilities(Role(role) for role in roles)
