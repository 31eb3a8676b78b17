"""Decide just before mailing whether notices about exceptions, attestations, campaigns and former owners still apply.

A notice that asks somebody to do something (to decide, to renew, to assign) applies until somebody has done it. A
notice that something has happened (an exception was approved, an exception ended) always applies. Nobody gets mail
about an exception that they can no longer see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from assessments.models import Finding
from portal.notify.models import Notice
from portal.notify.notice_validity import CurrentText, Validator
from portal.treatment.models import CampaignCustomer, FindingException, Treatment
from portal.treatment.selectors.findings import exceptions_of
from portal.treatment.selectors.orphaned_owners import former_owners_with_work
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.roles import Capability, Role, capabilities
from tenants.selectors import members


def exception_in(*states: FindingException.State) -> Validator:
    """Return a validator of notices about an exception.

    A notice applies while the exception is in one of the given states. A notice that announces the end of the exception
    applies only as long as this end has not changed.
    """

    def validate(
        tenant: Tenant, notices: Sequence[Notice], now: datetime
    ) -> Mapping[UUID, CurrentText | None]:
        subjects = _subjects(notices, "exception")
        rows = FindingException.objects.filter(tenant=tenant, pk__in=subjects.values(), state__in=states)
        person = notices[0].person
        if not _sees_all(tenant, person):
            rows = rows.filter(exceptions_of(person.pk))
        ends = dict(rows.values_list("pk", "ends_at"))
        return {
            notice.pk: None
            for notice in notices
            if (exception := subjects.get(notice.pk)) is not None
            and (exception not in ends or _announces_other_end(notice, ends[exception]))
        }

    return validate


def attestation_current(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate notices of attestations. A notice applies while its attestation is the current one of the finding.

    A notice about a changed observed value applies only while the observed value differs from the attested value.
    """
    subjects = _subjects(notices, "attestation")
    rows = Treatment.objects.filter(
        tenant=tenant,
        attestation__in=subjects.values(),
        finding__outcome=Finding.Outcome.MANUAL,
        finding__gone_at__isnull=True,
    )
    value_differs = {
        attestation: attested not in ("", observed)
        for attestation, attested, observed in rows.values_list(
            "attestation_id", "attested_sha256", "finding__observed_sha256"
        )
    }
    outdated: dict[UUID, CurrentText | None] = {}
    for notice in notices:
        if (attestation := subjects.get(notice.pk)) is None:
            continue
        about_changed_value = notice.key.endswith(":asked_anew")
        if attestation not in value_differs or (about_changed_value and not value_differs[attestation]):
            outdated[notice.pk] = None
    return outdated


def campaign_is_due(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate reminders of campaigns. A reminder applies while its campaign is running and has the due date that the
    reminder announced.
    """
    subjects = _subjects(notices, "campaign")
    rows = CampaignCustomer.objects.filter(tenant=tenant, pk__in=subjects.values(), is_running=True)
    current = tuple(f"campaign:{pk}:{due_on.isoformat()}:" for pk, due_on in rows.values_list("pk", "due_on"))
    return {
        notice.pk: None for notice in notices if notice.pk in subjects and not notice.key.startswith(current)
    }


def owner_has_left(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate notices of former owners. A notice applies while the person has no access, but still owns findings that
    need work.
    """
    subjects = _subjects(notices, "left")
    left = {owner.person.pk for owner in former_owners_with_work(tenant, now)}
    return {pk: None for pk, person in subjects.items() if person not in left}


def _subjects(notices: Sequence[Notice], prefix: str) -> dict[UUID, UUID]:
    """Return {notice id: id in the key} for notices with a key `<prefix>:<id>…`."""
    found = {}
    for notice in notices:
        name, _, rest = notice.key.partition(":")
        identifier = parse_uuid(rest.partition(":")[0]) if name == prefix else None
        if identifier is not None:
            found[notice.pk] = identifier
    return found


def _announces_other_end(notice: Notice, ends_at: datetime) -> bool:
    """Return whether an approver has changed the end that the notice announces (`…:ending:<days>:<end>`)."""
    if notice.kind != "exception_ending":
        return False
    try:
        announced = datetime.fromisoformat(notice.key.split(":", 4)[-1])
    except ValueError:
        return False
    return announced != ends_at


def _sees_all(tenant: Tenant, person: Person) -> bool:
    held = members(tenant).filter(person=person, review_first__isnull=True)
    roles = held.order_by().values_list("role", flat=True)
    return Capability.VIEW_ALL in capabilities(Role(role) for role in roles)
