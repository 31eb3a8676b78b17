"""Set the watch rules of a customer: change shipped rules, and add, change and delete the customer's own rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction

from assessments.models import Finding
from portal.changes.hours import DAYS, parse_hours
from portal.changes.models import ResourceChange, WatchRule
from portal.changes.models.rule import MAX_PATTERN
from portal.changes.shipped import SHIPPED
from tenants import journal
from tenants.actions.organizations import lock_settings
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.models import Person, Subscription, Tenant
from tenants.values.visible_text import is_blank

MAX_RULES: Final = 100
MAX_PATTERNS: Final = 20
MAX_STARS: Final = 10
MAX_QUESTION_MARKS: Final = 40
"""The maximum number of `?` in a pattern. It is large enough for the 36 characters of a GUID.
"""
MAX_NAME: Final = 120
LISTS: Final = ("kinds", "types", "units", "groups", "properties", "operations", "actors", "except_actors")
TEXTS: Final = ("tag_name", "tag_value", "hours")
FLAGS: Final = ("worsened", "unapproved")
CONDITIONS: Final = (*LISTS, *TEXTS, "days", *FLAGS)


@transaction.atomic
def save_rule(
    *,
    tenant: Tenant,
    by: Actor,
    rule: WatchRule | None,
    name: str,
    severity: str,
    enabled: bool,
    **given: Any,
) -> WatchRule:
    """Add a watch rule to a customer, or change a rule that the customer added.

    `given` are conditions, which are columns of `WatchRule`; missing conditions are empty. Raises
    InvalidInput, which names the invalid field, and Conflict if the customer has too many rules.
    """
    lock_settings([tenant])
    row = WatchRule(tenant=tenant) if rule is None else _locked(rule)
    before = None if rule is None else description(row)
    check_rule(row, name=name, severity=severity, enabled=enabled, **given)
    others = WatchRule.objects.filter(tenant=tenant, shipped="").exclude(pk=row.pk)
    names = {other.casefold() for other in others.values_list("name", flat=True)}
    if row.name.casefold() in names | {one.name.casefold() for one in SHIPPED.values()}:
        raise invalid("name", f"There is already a rule “{row.name}”. Choose another name.")
    if rule is None and len(names) >= MAX_RULES:
        raise Conflict(
            f"This customer has {MAX_RULES} watch rules, which is the maximum. Combine several into one rule that uses"
            " patterns."
        )
    after = description(row)
    if rule is None:
        row.created_by = by if isinstance(by, Person) else None
        row.save(force_insert=True)
        journal.record(tenant=tenant, actor=by, action="watch_rule.created", target=row, details=after)
    elif after != before:
        row.save()
        journal.record(
            tenant=tenant,
            actor=by,
            action="watch_rule.changed",
            target=row,
            details={"before": before, "after": after},
        )
    return row


@transaction.atomic
def set_shipped(*, tenant: Tenant, by: Actor, key: str, enabled: bool, severity: str) -> WatchRule:
    """Switch a shipped rule on or off, and set its severity. Raises InvalidInput for an unknown key or severity."""
    shipped = SHIPPED.get(key)
    if shipped is None:
        raise invalid("shipped", f"There is no shipped rule “{key}”. Choose one of: {', '.join(SHIPPED)}.")
    check_severity(severity)
    lock_settings([tenant])
    row, is_new = WatchRule.objects.select_for_update().get_or_create(
        tenant=tenant, shipped=key, defaults={"name": shipped.name, "severity": shipped.severity}
    )
    before = {"enabled": row.enabled, "severity": row.severity}
    after = {"enabled": enabled, "severity": severity}
    if before != after:
        row.enabled, row.severity = enabled, severity
        row.save(update_fields=["enabled", "severity", "changed_at"])
        journal.record(
            tenant=tenant,
            actor=by,
            action="watch_rule.changed",
            target=row,
            details={"name": shipped.name, "before": before, "after": after},
        )
    elif is_new:
        row.delete()
    return row


@transaction.atomic
def delete_rule(*, rule: WatchRule, by: Actor) -> None:
    """Delete a rule that the customer added. Changes that the rule caught keep their reviews."""
    lock_settings([rule.tenant])
    row = _locked(rule)
    journal.record(
        tenant=row.tenant, actor=by, action="watch_rule.deleted", target=row, details=description(row)
    )
    row.delete()


def check_rule(row: WatchRule, *, name: str, severity: str, enabled: bool, **given: Any) -> WatchRule:
    """Set the fields of a rule and check them, before the rule is saved or previewed. Raises InvalidInput, which names
    the invalid field.

    `row` may be a rule of a baseline. Such a rule has no tenant, so it must not name subscriptions (`units`).
    """
    if unknown := set(given) - set(CONDITIONS):
        raise TypeError(f"unknown conditions: {', '.join(sorted(unknown))}")
    cleaned = " ".join(name.replace("\x00", "\ufffd").split())
    if is_blank(cleaned):
        raise invalid("name", "Enter a name.")
    if len(cleaned) > MAX_NAME:
        raise invalid("name", f"Use at most {MAX_NAME} characters.")
    check_severity(severity)
    row.name, row.severity, row.enabled = cleaned, severity, enabled
    for field in LISTS:
        setattr(row, field, patterns(field, given.get(field, ())))
    for field in TEXTS:
        setattr(row, field, str(given.get(field, "")).replace("\x00", "\ufffd").strip())
    for field in FLAGS:
        setattr(row, field, bool(given.get(field, False)))
    _check_conditions(row, given.get("days", ()))
    return row


def patterns(field: str, given: Iterable[str]) -> list[str]:
    """Return the patterns of a condition, without empty and repeated patterns. Raises InvalidInput if there are too
    many patterns, or if a pattern is too long or has too many `*` or `?`.
    """
    found = list(dict.fromkeys(text for one in given if (text := str(one).replace("\x00", "\ufffd").strip())))
    if len(found) > MAX_PATTERNS:
        raise invalid(field, f"Use at most {MAX_PATTERNS} entries.")
    for text in found:
        if len(text) > MAX_PATTERN:
            raise invalid(field, f"Use at most {MAX_PATTERN} characters in an entry.")
        if text.count("*") > MAX_STARS:
            raise invalid(field, f"Use * at most {MAX_STARS} times in an entry.")
        if text.count("?") > MAX_QUESTION_MARKS:
            raise invalid(field, f"Use ? at most {MAX_QUESTION_MARKS} times in an entry.")
    return found


def description(row: WatchRule) -> dict[str, Any]:
    """Return the name and the severity of a rule, its conditions that are not empty, and whether it is enabled.

    The journal, configuration files and baselines contain this description.
    """
    conditions = {field: value for field in CONDITIONS if (value := getattr(row, field))}
    return {"name": row.name, "enabled": row.enabled, "severity": str(row.severity), **conditions}


def check_severity(severity: str) -> None:
    """Raise InvalidInput if there is no such severity."""
    if severity not in Finding.Severity.values:
        raise invalid("severity", f"There is no severity “{severity}”. Choose one from the list.")


def _check_conditions(row: WatchRule, days: Iterable[Any]) -> None:
    if unknown := [kind for kind in row.kinds if kind not in ResourceChange.Kind.values]:
        raise invalid("kinds", f"There is no kind of change “{unknown[0]}”. Choose a kind from the list.")
    if row.hours and parse_hours(row.hours) is None:
        raise invalid("hours", "Enter two different times such as 18:00-07:00.")
    if row.tag_value and not row.tag_name:
        raise invalid("tag_name", "Enter the tag’s name as well.")
    if len(row.tag_name) > 512 or len(row.tag_value) > 256:
        raise invalid(
            "tag_name",
            "The name of a tag can have at most 512 characters, and its value at most 256 characters.",
        )
    numbers = [str(day) for day in days]
    if unknown := [day for day in numbers if len(day) > 1 or not day.isdecimal() or int(day) not in DAYS]:
        raise invalid("days", f"There is no weekday “{unknown[0][:20]}”. Use 1 (Monday) to 7 (Sunday).")
    row.days = sorted({int(day) for day in numbers})
    if row.units:
        check_units(row.tenant, row.units)


def check_units(tenant: Tenant, units: Iterable[str]) -> None:
    """Raise InvalidInput if one of `units` (`/subscriptions/<id>`) is not a subscription of the customer."""
    rows = Subscription.objects.filter(tenant=tenant).values_list("subscription_id", flat=True)
    known = {f"/subscriptions/{guid}" for guid in rows}
    for unit in units:
        if unit not in known:
            raise invalid(
                "units", f"{tenant.name} has no subscription “{unit}”. Choose a subscription from the list."
            )


def _locked(rule: WatchRule) -> WatchRule:
    row = (
        WatchRule.objects.select_for_update(of=("self",)).select_related("tenant").filter(pk=rule.pk).first()
    )
    if row is None or row.shipped:
        raise Conflict("Somebody else has deleted this rule. Open the list of watch rules.", code="removed")
    return row
