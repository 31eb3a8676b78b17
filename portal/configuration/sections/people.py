"""Read who has access to an organization or customer, and compare this access with the access that a file lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from portal.configuration.moments import moment_of, text_of
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from tenants.actions.access_periods import check_review, review_of
from tenants.actions.invitations import Offer, withdraw_invitation
from tenants.actions.members import (
    change_review_period,
    grant_membership,
    revoke_membership,
    shorten_membership,
)
from tenants.actors import Actor
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import Invitation, Membership, Organization, Person, Tenant
from tenants.roles import NEEDS_SECOND_ADMINISTRATOR, Role
from tenants.selectors import open_invitations, organization_memberships


class AccessKey(NamedTuple):
    """The values that identify a person's access at one customer or organization. `starts` is None for access that has
    started.
    """

    email: str
    role: str
    starts: datetime | None


@dataclass(slots=True)
class Access:
    """A person's access to one customer or to the organization: memberships that have not ended, and open
    invitations.
    """

    key: AccessKey
    memberships: list[Membership] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)

    @property
    def until(self) -> datetime | None:
        """The time at which the access ends, or None if it has no end: the latest end of the memberships or, if there
        are no memberships, of the invitations.
        """
        ends = [row.valid_until for row in self.memberships] or [row.access_until for row in self.invitations]
        return None if None in ends else max(end for end in ends if end is not None)

    @property
    def reviews(self) -> list[ReviewPeriod | None]:
        """The different review periods of an auditor's memberships or, if there are no memberships, of the invitations.
        None in the list means that the auditor may read all records.
        """
        rows = self.memberships or self.invitations
        return list(dict.fromkeys(row.review_period for row in rows))

    @property
    def review(self) -> ReviewPeriod | None:
        """The auditor's review period, or None if the auditor may read all records.

        If there are several periods, this is the first one in `reviews`.
        """
        return None if None in self.reviews else self.reviews[0]

    @property
    def reviews_in_words(self) -> str:
        return " and ".join(str(one or "all records") for one in self.reviews)


@dataclass(frozen=True, slots=True)
class _Entry:
    key: AccessKey
    until: datetime | None
    review: ReviewPeriod | None
    path: Path

    @property
    def label(self) -> str:
        """The access in words: “jo@example.com as Owner, until 2027-03-31”."""
        starts = f", from {text_of(self.key.starts, end=False)}" if self.key.starts else ""
        ends = f", until {text_of(self.until, end=True)}" if self.until else ""
        review = f", reviews {self.review}" if self.review else ""
        return f"{_who(self.key)}{starts}{ends}{review}"


def present_access(
    organization: Organization, tenant_ids: Sequence[UUID]
) -> dict[UUID | None, dict[AccessKey, Access]]:
    """Return the access of people by customer id, and the access to the whole organization under None."""
    now = timezone.now()
    places = Q(tenant__isnull=True) | Q(tenant__in=tenant_ids)
    found: dict[UUID | None, dict[AccessKey, Access]] = defaultdict(dict)
    rows = organization_memberships(organization).filter(places).select_related("organization")
    for row in rows:
        starts = row.valid_from if row.valid_from > now else None
        key = AccessKey(row.person.email, str(row.role), starts)
        found[row.tenant_id].setdefault(key, Access(key)).memberships.append(row)
    for invitation in open_invitations(organization=organization).filter(places):
        starts = invitation.access_from
        key = AccessKey(
            invitation.email, str(invitation.role), starts if starts is not None and starts > now else None
        )
        found[invitation.tenant_id].setdefault(key, Access(key)).invitations.append(invitation)
    return found


def access_data(access: Access) -> dict[str, Any]:
    """Return one person's access as a file contains it."""
    found: dict[str, Any] = {"email": access.key.email, "role": access.key.role}
    if access.key.starts is not None:
        found["from"] = text_of(access.key.starts, end=False)
    if access.until is not None:
        found["until"] = text_of(access.until, end=True)
    if access.review is not None:
        found["review_first"] = access.review.first.isoformat()
        found["review_last"] = access.review.last.isoformat()
    return found


def plan_people(
    draft: Draft,
    *,
    organization: Organization,
    tenant: Tenant | None,
    present: Mapping[AccessKey, Access],
    entries: Sequence[Mapping[str, Any]],
    path: Path,
) -> None:
    """Plan steps that change who has access to a customer or, if `tenant` is None, to the organization.

    Access that the file does not list ends.
    """
    place = tenant.name if tenant else organization.name
    where: dict[str, Any] = {"organization": organization, "tenant": tenant}
    wanted = _entries(draft, entries, path)
    gone = [found for key, found in present.items() if key not in wanted]
    # First remove access that has not started yet, so that the same role can start at another time.
    for one in gone:
        if one.key.starts is not None:
            _remove(draft, place, path, one, where)
    for entry in wanted.values():
        if (found := present.get(entry.key)) is None:
            _add(draft, place, entry, where)
        elif found.until != entry.until:
            _change(draft, place, entry, found, where)
        elif found.reviews != [entry.review]:
            _change_review(draft, place, entry, found, where)
    for one in gone:
        if one.key.starts is None:
            _remove(draft, place, path, one, where)


def _remove(draft: Draft, place: str, path: Path, found: Access, where: Mapping[str, Any]) -> None:
    if _is_own(draft, path, found.key):
        return
    text = f"{_who(found.key)}: {'ends the access' if found.memberships else 'withdraws the invitation'}"
    draft.add(place, path, Kind.REMOVE, text, partial(_end, found), **_locks(found, where))


def _entries(draft: Draft, entries: Sequence[Mapping[str, Any]], path: Path) -> dict[AccessKey, _Entry]:
    found: dict[AccessKey, _Entry] = {}
    now = timezone.now()
    for number, entry in enumerate(entries):
        here = (*path, number)
        starts = until = review = None
        with draft.refusals((*here, "from")):
            starts = moment_of(entry["from"], end=False) if "from" in entry else None
        with draft.refusals((*here, "until")):
            until = moment_of(entry["until"], end=True) if "until" in entry else None
        with draft.refusals((*here, "review_first")):
            review = review_of(_day(entry, "review_first"), _day(entry, "review_last"))
            check_review(Role(entry["role"]), review)
        if starts is not None and starts <= now:
            starts = None
        key = AccessKey(entry["email"].strip().lower(), entry["role"], starts)
        if key in found:
            first = draft.document.line(found[key].path)
            draft.problem(here, f"Line {first} has the same person and role. Remove one of the two entries.")
            continue
        found[key] = _Entry(key, until, review, here)
    return found


def _day(entry: Mapping[str, Any], name: str) -> date | None:
    return moment_of(entry[name], end=False).date() if name in entry else None


def _add(draft: Draft, place: str, entry: _Entry, where: Mapping[str, Any]) -> None:
    if _is_own(draft, entry.path, entry.key):
        return
    role = Role(entry.key.role)
    waits = "; waits for a second administrator" if role in NEEDS_SECOND_ADMINISTRATOR else ""
    who = draft.known.get(entry.key.email)
    if who is not None:
        draft.add(
            place,
            entry.path,
            Kind.ADD,
            f"{entry.label}: grants access{waits}",
            partial(_grant, entry, who, where),
            everywhere=where["tenant"] is None,
        )
    else:
        draft.add(
            place,
            entry.path,
            Kind.ADD,
            f"{entry.label}: invites by mail{waits}",
            None,
            everywhere=where["tenant"] is None,
            offer=_offer(entry, where),
        )


def _change(draft: Draft, place: str, entry: _Entry, found: Access, where: Mapping[str, Any]) -> None:
    if _is_own(draft, entry.path, entry.key):
        return
    before = text_of(found.until, end=True) if found.until else "without end"
    after = text_of(entry.until, end=True) if entry.until else "without end"
    text = f"{_who(entry.key)}: end {before} → {after}"
    if found.reviews != [entry.review]:
        text = f"{text}; {_review_text(entry, found)}"
    if not found.memberships:
        text = f"{text}; invites again"
        draft.add(
            place, entry.path, Kind.CHANGE, text, None, offer=_offer(entry, where), **_locks(found, where)
        )
    elif entry.until is not None and (found.until is None or entry.until < found.until):
        draft.add(
            place,
            entry.path,
            Kind.CHANGE,
            text,
            partial(_shorten, found, entry),
            **_locks(found, where),
        )
    else:
        needs_second = Role(entry.key.role) in NEEDS_SECOND_ADMINISTRATOR
        waits = " without a right until a second administrator confirms it" if needs_second else ""
        who = found.memberships[0].person
        draft.add(
            place,
            entry.path,
            Kind.CHANGE,
            f"{text}; ends the role now and grants it again{waits}",
            partial(_prolong, found, entry, who, where),
            **_locks(found, where),
        )


def _change_review(draft: Draft, place: str, entry: _Entry, found: Access, where: Mapping[str, Any]) -> None:
    if _is_own(draft, entry.path, entry.key):
        return
    text = f"{_who(entry.key)}: {_review_text(entry, found)}"
    if found.memberships:
        act = partial(_review, found, entry.review)
        draft.add(place, entry.path, Kind.CHANGE, text, act, **_locks(found, where))
    else:
        text, offer = f"{text}; invites again", _offer(entry, where)
        draft.add(place, entry.path, Kind.CHANGE, text, None, offer=offer, **_locks(found, where))


def _review_text(entry: _Entry, found: Access) -> str:
    return f"review period {found.reviews_in_words} → {entry.review or 'all records'}"


def _locks(found: Access, where: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `rows`, `entries` and `everywhere` for a step (`steps.Step`) that changes this access."""
    rows = (*found.memberships, *found.invitations)
    return {"rows": rows, "entries": len(rows) + 1, "everywhere": where["tenant"] is None}


def _is_own(draft: Draft, path: Path, key: AccessKey) -> bool:
    """Return whether `key` is access of the person who applies the file. If so, add a problem, because nobody may
    change their own access.
    """
    if not isinstance(draft.by, Person) or key.email != draft.by.email:
        return False
    draft.problem(
        path,
        f"This entry changes your own access ({_who(key)}). Let another administrator apply the file, or correct your"
        " entry.",
    )
    return True


def _who(key: AccessKey) -> str:
    return f"{key.email} as {Role(key.role).label}"


def _grant(entry: _Entry, who: Person, where: Mapping[str, Any], by: Actor) -> None:
    grant_membership(
        by=by,
        person=who,
        role=Role(entry.key.role),
        valid_from=entry.key.starts,
        valid_until=entry.until,
        review=entry.review,
        operator_confirms=False,
        **where,
    )


def _offer(entry: _Entry, where: Mapping[str, Any]) -> Offer:
    role = Role(entry.key.role)
    return Offer(entry.key.email, role, where["tenant"], entry.until, entry.key.starts, entry.review)


def _review(found: Access, review: ReviewPeriod | None, by: Actor) -> None:
    for row in found.memberships:
        change_review_period(by=by, membership=row, review=review)


def _shorten(found: Access, entry: _Entry, by: Actor) -> None:
    for row in found.memberships:
        if entry.until is not None and (row.valid_until is None or row.valid_until > entry.until):
            shorten_membership(by=by, membership=row, valid_until=entry.until)
    if found.reviews != [entry.review]:
        _review(found, entry.review, by)


def _prolong(found: Access, entry: _Entry, who: Person, where: Mapping[str, Any], by: Actor) -> None:
    _end(found, by)
    _grant(entry, who, where, by)


def _end(found: Access, by: Actor) -> None:
    for row in found.memberships:
        revoke_membership(by=by, membership=row)
    for invitation in found.invitations:
        withdraw_invitation(by=by, invitation=invitation)
