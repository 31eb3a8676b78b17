"""Write, publish, switch off and retire the own controls of an organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.models import OwnControl, OwnControlVersion
from assessments.own.cases import wrong_cases
from assessments.own.definition import flaws, stored_form
from assessments.own_controls.catalogue import forget_own_controls
from tenants import journal
from tenants.errors import Conflict, PermissionDenied, invalid
from tenants.models import Membership, Organization, Person
from tenants.people.second_administrators import established, refuse_new_administrator
from tenants.people.service_accounts import controls
from tenants.roles import Role
from tenants.values.visible_text import is_blank

MAX_CONTROLS: Final = 100
MAX_REASON: Final = 1_000


@transaction.atomic
def save_draft(*, organization: Organization, by: Person, text: str, data: Any) -> OwnControl:
    """Store the definition `text` as a draft. If a control with the name in the definition exists, the draft is its
    next version. Otherwise, the draft is a new control. `data` is the parsed `text`.

    Raise InvalidInput for an invalid definition, a name that another organization uses, or too many controls. Raise
    Conflict for a retired control.
    """
    if found := flaws(data, organization.slug):
        raise invalid("text", " ".join(flaw.message for flaw in found))
    # The lock on the organization makes writers of its controls take turns.
    Organization.objects.select_for_update().get(pk=organization.pk)
    row = OwnControl.objects.filter(organization=organization, slug=data["control"]).first()
    if row is None:
        row = _new(organization, by, data["control"])
    elif row.state == OwnControl.State.RETIRED:
        raise Conflict(
            "A retired control already has this name. Choose another name.", code="own_control_retired"
        )
    values = {"text": text, "data": data, "written_by": by, "written_at": timezone.now()}
    draft, is_new = OwnControlVersion.objects.update_or_create(
        organization=organization,
        control=row,
        published_at=None,
        defaults=values,
        create_defaults={**values, "number": row.version + 1},
    )
    _record(row, by, "own_control.drafted", {"version": draft.number, "again": not is_new})
    return row


def _new(organization: Organization, by: Person, slug: str) -> OwnControl:
    kept = OwnControl.objects.filter(organization=organization).exclude(state=OwnControl.State.RETIRED)
    if kept.count() >= MAX_CONTROLS:
        raise invalid(
            "text", f"An organization can have at most {MAX_CONTROLS} own controls. Retire one first."
        )
    try:
        with transaction.atomic():
            return OwnControl.objects.create(
                organization=organization, slug=slug, changed_by=by, changed_at=timezone.now()
            )
    except IntegrityError:
        raise invalid("text", f"The name {slug} is taken. Choose another one.") from None


@transaction.atomic
def publish(*, control: OwnControl, by: Person, number: int, seen: str | None = None) -> OwnControl:
    """Publish the draft of version `number`. From then on, new assessments use this version.

    `seen` is the time `written_at` of the draft that the person read, in ISO format. `seen` is None if the caller has
    checked that the draft is unchanged.

    The author of a draft can publish it only if the organization has no other administrator. If a service account wrote
    the draft, the people who control the account count as authors. New administrators cannot publish other people's
    drafts (`refuse_new_administrator`).

    Raise PermissionDenied if the person cannot publish. Raise Conflict if the draft has changed. Raise InvalidInput if
    the definition is invalid, or if a case of the control does not get the verdict that it expects.
    """
    # While this transaction has the lock, nobody changes the draft (`save_draft`). So the published text is the text
    # that was judged.
    Organization.objects.select_for_update().get(pk=control.organization_id)
    row = OwnControl.objects.select_for_update().get(pk=control.pk)
    draft = OwnControlVersion.objects.filter(control=row, published_at=None).first()
    if draft is None or draft.number != number or row.state == OwnControl.State.RETIRED:
        raise Conflict("This draft no longer exists. Reload the page.", code="own_control_changed")
    if seen is not None and seen != draft.written_at.isoformat():
        # The draft was changed after the person read it. Only its time shows this, because its number stays the same.
        raise Conflict(
            "The draft has changed since you opened the page. Read it again, then publish it.",
            code="own_control_changed",
        )
    organization = row.organization
    is_own = _is_own(draft, by)
    if is_own and _second_administrator(organization, by):
        raise PermissionDenied(
            "You, or a service account that you control, wrote this version. Another administrator of the organization"
            " must publish it.",
            code="own_control_author",
        )
    if not is_own:
        refuse_new_administrator(by, organization)
    if found := [*flaws(draft.data, organization.slug)] or wrong_cases(draft.data):
        raise invalid("text", " ".join(flaw.message for flaw in found))
    now = timezone.now()
    draft.published_by, draft.published_at = by, now
    draft.save(update_fields=["published_by", "published_at"])
    row.version, row.definition = draft.number, stored_form(draft.data)
    if row.state == OwnControl.State.DRAFT:
        row.state = OwnControl.State.ACTIVE
    row.changed_by, row.changed_at = by, now
    row.save(update_fields=["version", "definition", "state", "changed_by", "changed_at"])
    forget_own_controls()
    author = str(draft.written_by_id) if draft.written_by_id else ""
    details = {"version": draft.number, "written_by": author, "second_person": not is_own}
    _record(row, by, "own_control.published", details)
    return row


def _is_own(draft: OwnControlVersion, by: Person) -> bool:
    author = draft.written_by
    return author is not None and (author.pk == by.pk or controls(by, author))


def _second_administrator(organization: Organization, by: Person) -> bool:
    rows = Membership.objects.filter(
        established(), organization=organization, tenant=None, role=Role.ORGANIZATION_ADMINISTRATOR
    )
    return rows.filter(person__is_active=True).exclude(person=by).exists()


@transaction.atomic
def discard_draft(*, control: OwnControl, by: Person) -> None:
    """Delete the draft; a control that was never published is deleted too. Raise Conflict if there is no draft."""
    row = OwnControl.objects.select_for_update().get(pk=control.pk)
    draft = OwnControlVersion.objects.filter(control=row, published_at=None).first()
    if draft is None:
        raise Conflict("The draft no longer exists. Reload the page.", code="own_control_changed")
    _record(row, by, "own_control.discarded", {"version": draft.number})
    if row.state == OwnControl.State.DRAFT:
        row.delete()
    else:
        draft.delete()


@transaction.atomic
def set_state(*, control: OwnControl, by: Person, state: str, reason: str = "") -> OwnControl:
    """Switch a published control off or on, or retire it permanently. For each customer, the new state takes effect
    with the next assessment.

    Switching off and retiring need a reason, which reports show. Raise InvalidInput if the reason is missing. Raise
    Conflict if the control was never published, is retired, or has this state already.
    """
    row = OwnControl.objects.select_for_update().get(pk=control.pk)
    states = (OwnControl.State.ACTIVE, OwnControl.State.OFF, OwnControl.State.RETIRED)
    if state not in states:
        raise invalid("state", f"Choose one of {', '.join(states)}.")
    if row.state in (OwnControl.State.DRAFT, OwnControl.State.RETIRED, state):
        raise Conflict(
            "The state cannot be changed: the control is a draft or retired, or already has this state. Reload the"
            " page.",
            code="own_control_state",
        )
    reason = reason.strip() if state != OwnControl.State.ACTIVE else ""
    if state != OwnControl.State.ACTIVE and is_blank(reason):
        raise invalid("reason", "Enter why the control is no longer judged. Reports show the reason.")
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"Shorten the reason to at most {MAX_REASON:,} characters.")
    row.state, row.reason, row.changed_by, row.changed_at = state, reason, by, timezone.now()
    row.save(update_fields=["state", "reason", "changed_by", "changed_at"])
    forget_own_controls()
    action = (
        "own_control.switched_on"
        if state == OwnControl.State.ACTIVE
        else "own_control.switched_off"
        if state == OwnControl.State.OFF
        else "own_control.retired"
    )
    _record(row, by, action, {"reason": reason} if reason else {})
    return row


def _record(row: OwnControl, by: Person, action: str, details: Mapping[str, Any]) -> None:
    journal.record(
        organization=row.organization,
        actor=by,
        action=action,
        target=f"own_control:{row.slug}",
        details=details,
    )
