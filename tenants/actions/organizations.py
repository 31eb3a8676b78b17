"""Register organizations and tenants, and change a tenant's policy."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone as clock
from django.utils.module_loading import import_string

from tenants import journal, scope
from tenants.actions._inputs import save_with_slug, validate_fields, validate_name, validate_timezone
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.models import Language, Membership, Organization, Paper, Person, Tenant
from tenants.models.tenant import DUE_DAYS
from tenants.people.pseudonymised import no_access_once_pseudonymised
from tenants.roles import Role
from tenants.values.names import has_control_characters, printable_name
from tenants.values.stale_values import check_unchanged

MAX_DAYS = 3650
MAX_ERASURE_WAIT_HOURS = 30 * 24
MAX_REPORT_LINK_DAYS = 90


@transaction.atomic
def register_organization(
    *,
    by: Actor,
    name: str,
    slug: str | None = None,
    administrator: Person | None = None,
    erasure_wait_hours: int | None = None,
) -> Organization:
    """Register an organization, with its first administrator if one is given. Call this without an open scope.

    `erasure_wait_hours` are the hours between the confirmation of an erasure and its start, by default 24. If somebody
    shortens this period later, the change takes effect after seven days (`portal.offboarding.erasures.waiting_period`).
    """
    organization = Organization(name=validate_name(name))
    if erasure_wait_hours is not None:
        organization.erasure_wait_hours = check_erasure_wait(erasure_wait_hours)
    with scope.organization_scope(organization):
        validate_fields(organization, exclude=("slug",))
        save_with_slug(organization, organization.name, slug)
        journal.record(
            organization=organization,
            actor=by,
            action="organization.registered",
            target=organization,
            details={
                "name": organization.name,
                **({} if erasure_wait_hours is None else {"erasure_wait_hours": erasure_wait_hours}),
            },
        )
        if administrator is not None:
            with no_access_once_pseudonymised(administrator):
                membership = Membership.objects.create(
                    person=administrator,
                    organization=organization,
                    role=Role.ORGANIZATION_ADMINISTRATOR,
                    valid_from=clock.now(),
                )
            journal.record(
                organization=organization,
                actor=by,
                action="membership.granted",
                target=membership,
                details={"person": administrator.email, "role": membership.role},
            )
    return organization


def check_erasure_wait(hours: int) -> int:
    """Return the hours of a waiting period for erasures. Raise InvalidInput if the number is outside the
    allowed range.
    """
    if not 0 <= hours <= MAX_ERASURE_WAIT_HOURS:
        raise invalid("hours", f"Enter a number of hours from 0 to {MAX_ERASURE_WAIT_HOURS}.")
    return hours


@transaction.atomic
def rename_organization(*, by: Actor, organization: Organization, name: str) -> Organization:
    """Change the name of an organization. The slug never changes, so URLs stay valid."""
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before, row.name = row.name, validate_name(name, row.name)
    if row.name != before:
        row.save(update_fields=["name"])
        journal.record(
            organization=row,
            actor=by,
            action="organization.renamed",
            target=row,
            details={"from": before, "to": row.name},
        )
    return row


@transaction.atomic
def set_organization_timezone(*, by: Actor, organization: Organization, name: str) -> Organization:
    """Set the organization's time zone, for new customers and for mails to people who have not chosen a time zone."""
    return _store(
        organization, "timezone", validate_timezone(name), by=by, action="organization.time_zone_changed"
    )


@transaction.atomic
def set_report_paper(*, organization: Organization, by: Actor, paper: str) -> Organization:
    """Set the default paper of new reports on the organization's customers. `paper` is a value of `Paper`."""
    if paper not in Paper:
        raise invalid("paper", f"There is no paper size {paper!r}. Use one of: {', '.join(Paper)}.")
    return _store(organization, "report_paper", paper, by=by, action="organization.report_paper_changed")


@transaction.atomic
def set_report_language(*, organization: Organization, by: Actor, language: str) -> Organization:
    """Set the default language of new reports on the organization's customers. `language` is a value of `Language`."""
    if language not in Language:
        raise invalid(
            "language", f"There is no report language {language!r}. Use one of: {', '.join(Language)}."
        )
    return _store(
        organization, "report_language", language, by=by, action="organization.report_language_changed"
    )


@transaction.atomic
def set_report_link_days(*, organization: Organization, by: Actor, days: int) -> Organization:
    """Set the maximum number of days for which links to reports can be valid, from 0 to `MAX_REPORT_LINK_DAYS`. If
    the number is 0, no link works.
    """
    if not 0 <= days <= MAX_REPORT_LINK_DAYS:
        raise invalid("link_days", f"Enter 0 to {MAX_REPORT_LINK_DAYS} days.")
    return _store(
        organization, "report_link_days", days, by=by, action="organization.report_link_days_changed"
    )


def _store(
    organization: Organization, field: str, value: str | int, *, by: Actor, action: str
) -> Organization:
    """Store a setting of the organization. If its value changes, record the action with both values in the journal."""
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = getattr(row, field)
    if value != before:
        setattr(row, field, value)
        row.save(update_fields=[field])
        details = {"from": before, "to": value}
        journal.record(organization=row, actor=by, action=action, target=row, details=details)
    return row


@transaction.atomic
def change_organization(
    *,
    by: Actor,
    organization: Organization,
    name: str,
    timezone: str,
    expected: Mapping[str, str] | None = None,
) -> None:
    """Change name and time zone together. `expected` has the name and the time zone that the person saw.

    Raise Conflict (changed_meanwhile) if somebody has changed one of them since then, unless the new values are already
    stored.
    """
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    after = {"name": validate_name(name, row.name), "timezone": timezone}
    check_unchanged(expected, {"name": row.name, "timezone": row.timezone}, after)
    rename_organization(by=by, organization=organization, name=name)
    set_organization_timezone(by=by, organization=organization, name=timezone)


@transaction.atomic
def register_tenant(
    *,
    by: Actor,
    organization: Organization,
    name: str,
    slug: str | None = None,
    timezone: str | None = None,
    labels: Iterable[str] = (),
) -> Tenant:
    """Register a tenant of an organization, and add the tenant to the open scope. This scope must contain the
    organization.

    By default, the slug is made from the name, and the time zone is the organization's time zone. The functions in
    `SURETY_ON_REGISTRATION` are called with the tenant. Raise InvalidInput or Conflict for an invalid or taken value.
    """
    tenant = Tenant(
        organization=organization,
        name=validate_name(name),
        timezone=validate_timezone(organization.timezone if timezone is None else timezone),
        labels=clean_labels(labels),
    )
    validate_fields(tenant, exclude=("slug",))
    save_with_slug(tenant, tenant.name, slug)
    scope.include(tenant.pk, organization.pk)
    details = {"name": tenant.name, "slug": tenant.slug}
    journal.record(tenant=tenant, actor=by, action="tenant.registered", target=tenant, details=details)
    journal.record(
        organization=organization, actor=by, action="tenant.registered", target=tenant, details=details
    )
    for path in settings.SURETY_ON_REGISTRATION:
        import_string(path)(tenant=tenant, by=by)
    # Reload the fields that these functions can change. Reloading all fields would discard the loaded
    # `tenant.organization`, which callers may still read after the organization's scope has ended.
    tenant.refresh_from_db(fields=["due_days", "exception_cap_days"])
    return tenant


def lock_settings(tenants: Iterable[Tenant]) -> list[Tenant]:
    """Lock the rows of the tenants in the order of their ids, until the transaction ends. Return the rows.

    An action with several changes calls this before its first journal entry. The lock (NO KEY UPDATE) permits other
    transactions to insert rows that refer to the tenant. A stronger lock could deadlock with the lock of the journal.
    """
    keys = [tenant.pk for tenant in tenants]
    return list(
        Tenant.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True, of=("self",))
    )


@transaction.atomic
def change_tenant(
    *,
    by: Actor,
    tenant: Tenant,
    name: str | None = None,
    timezone: str | None = None,
    labels: Iterable[str] | None = None,
    exception_cap_days: int | None = None,
    due_days: Mapping[str, int] | None = None,
    expected: Mapping[str, Any] | None = None,
) -> Tenant:
    """Change the given fields and record their old and new values in the journal. The slug never changes, so URLs stay
    valid.

    `expected` is {field: value that the person saw}. If a stored value differs, raise Conflict (changed_meanwhile) with
    the field, unless the new values are already stored. `due_days` must contain all severities. Stored
    days of severities that this version does not know are kept.
    """
    wanted: dict[str, Any] = {
        "name": None if name is None else validate_name(name, tenant.name),
        "timezone": None if timezone is None else validate_timezone(timezone),
        "labels": None if labels is None else clean_labels(labels),
        "exception_cap_days": None
        if exception_cap_days is None
        else valid_days("exception_cap_days", exception_cap_days),
        "due_days": None if due_days is None else _due_days(due_days),
    }
    (row,) = lock_settings([tenant])
    if due_days is not None:
        wanted["due_days"] = {**row.due_days, **wanted["due_days"]}
    changes = {
        field: {"from": getattr(row, field), "to": value}
        for field, value in wanted.items()
        if value is not None and value != getattr(row, field)
    }
    changed_since = [field for field, value in (expected or {}).items() if getattr(row, field) != value]
    if changes and changed_since:
        message = (
            "Somebody else has changed these values in the meantime. Check the present values, then save"
            " again."
        )
        raise Conflict(
            message, code="changed_meanwhile", fields={field: [message] for field in changed_since}
        )
    for field, change in changes.items():
        setattr(row, field, change["to"])
    if changes:
        validate_fields(row)
        row.save(update_fields=list(changes))
        journal.record(tenant=row, actor=by, action="tenant.changed", target=row, details=changes)
    return row


def clean_labels(labels: Iterable[str]) -> list[str]:
    """Return the labels in the same order, without surrounding spaces and without duplicates (ignoring case). Raise
    InvalidInput for an invalid label.
    """
    if isinstance(labels, str):
        raise TypeError("Pass labels as a list of strings.")
    cleaned: dict[str, str] = {}
    for label in labels:
        if has_control_characters(label.strip()):
            raise invalid(
                "labels",
                f"The label “{printable_name(label)}” contains a line break or an invisible control character. Type the"
                " label on one line.",
            )
        word = " ".join(label.split())
        if not word or len(word) > 60 or "," in word:
            raise invalid(
                "labels", f"The label “{label}” is invalid. Enter 1 to 60 characters without commas."
            )
        cleaned.setdefault(word.casefold(), word)
    return list(cleaned.values())


def valid_days(field: str, value: int) -> int:
    """Return the number of days. Raise InvalidInput if it is not a whole number from 1 to `MAX_DAYS`."""
    if type(value) is not int or not 1 <= value <= MAX_DAYS:
        raise invalid(field, f"Enter a whole number of days from 1 to {MAX_DAYS}.")
    return value


def _due_days(days: Mapping[str, int]) -> dict[str, int]:
    if set(days) != set(DUE_DAYS):
        raise invalid("due_days", f"Enter days for each severity: {', '.join(DUE_DAYS)}.")
    return {severity: valid_days("due_days", days[severity]) for severity in DUE_DAYS}
