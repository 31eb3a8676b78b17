"""Choose the controls by which a tenant is judged: set a profile, and switch off single controls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from assessments.context_severity import INTERNET, SECRETS, SEVERITY_RULES, TAG
from assessments.controls.declare import SWITCHED_OFF
from assessments.controls.profiles import EVERYTHING, OWN, outside, profile_name, profiles
from assessments.controls.registry import UnknownControl, catalogue, control, known_controls
from assessments.models import ControlProfile, ControlSetting, SwitchedOffControl
from assessments.own_controls.catalogue import own_overrides
from tenants import journal
from tenants.actions.organizations import lock_settings
from tenants.actors import Actor, System
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.values.stale_values import Part, check_unchanged
from tenants.values.visible_text import is_blank

MAX_REASON: Final = 1000
MAX_SEVERITY_RULES: Final = 4
MAX_TAGS: Final = 2
MAX_TAG: Final = 256
MAX_TAG_VALUES: Final = 20
CONDITIONS: Final = (INTERNET, SECRETS, TAG)


def profile_part(tenant: Tenant) -> Part:
    """Return {"profile": key, "controls": slugs} of the tenant. If the profile is OWN, `controls` are the slugs of the
    controls that were chosen for the tenant. Otherwise, `controls` is empty.
    """
    row = ControlProfile.objects.filter(tenant=tenant).first()
    if row is None:
        return {"profile": EVERYTHING, "controls": []}
    return {"profile": row.profile, "controls": sorted(row.controls)}


@transaction.atomic
def set_profile(
    *,
    tenant: Tenant,
    by: Actor,
    profile: str,
    controls: Collection[str] = (),
    expected: Part | None = None,
) -> None:
    """Judge the tenant by the controls of a profile, from the next assessment on.

    If the profile is OWN, `controls` are the slugs of the chosen controls. Raise InvalidInput for an unknown profile or
    control, or if no control is chosen for OWN. Raise Conflict if the stored profile is not the one that the person saw
    (`expected`).
    """
    after = checked_profile(profile, controls)
    lock_settings([tenant])
    before = profile_part(tenant)
    check_unchanged(expected, before, after)
    if before == after:
        return
    ControlProfile.objects.update_or_create(
        tenant=tenant, defaults={**after, "changed_by": by if isinstance(by, Person) else None}
    )
    journal.record(
        tenant=tenant,
        actor=by,
        action="control.profile",
        target=f"tenant:{tenant.slug}",
        details={"before": _details(before), "after": _details(after)},
    )


def checked_profile(profile: str, controls: Collection[str]) -> dict[str, Any]:
    """Return {"profile": key, "controls": slugs}, as it is stored. Raise InvalidInput for an unknown profile or
    control, or if the customer's own choice contains no control.
    """
    if profile != OWN and profile not in profiles():
        raise invalid("profile", f"Choose one of these profiles: {', '.join([*profiles(), OWN])}.")
    chosen = sorted(set(controls)) if profile == OWN else []
    if unknown := [slug for slug in chosen if slug not in catalogue()]:
        raise invalid("controls", f"These controls do not exist: {', '.join(unknown[:5])}.")
    if profile == OWN and not chosen:
        raise invalid("controls", "Choose at least one control.")
    return {"profile": profile, "controls": chosen}


def _details(part: Part) -> dict[str, Any]:
    return {"profile": profile_name(part["profile"]), "controls": ", ".join(part["controls"])}


def severity_part(tenant: Tenant) -> Part:
    """Return {"rules": rules}. The rules change severities depending on the context of a resource, such as a
    tag (`assessments.context_severity`).
    """
    row = ControlProfile.objects.filter(tenant=tenant).first()
    return {"rules": [] if row is None else row.severity_rules}


@transaction.atomic
def set_severity_rules(*, tenant: Tenant, by: Actor, rules: Sequence[Mapping[str, Any]]) -> None:
    """Set the rules that change the severity of a failure depending on the context of its resource. The rules take
    effect with the next assessment. An empty list of rules leaves all severities unchanged.

    Raise InvalidInput for an unknown rule, a repeated rule, or too many rules.
    """
    wanted = checked_severity_rules(rules)
    lock_settings([tenant])
    before = severity_part(tenant)["rules"]
    if before == wanted:
        return
    ControlProfile.objects.update_or_create(
        tenant=tenant,
        defaults={"severity_rules": wanted, "changed_by": by if isinstance(by, Person) else None},
    )
    journal.record(
        tenant=tenant,
        actor=by,
        action="control.severity_rules",
        target=f"tenant:{tenant.slug}",
        details={"before": before, "after": wanted},
    )


def checked_severity_rules(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the checked rules in their stored form. Raise InvalidInput for an unknown or repeated condition, or too
    many rules.
    """
    wanted = [_checked_rule(rule) for rule in rules]
    if len(wanted) > MAX_SEVERITY_RULES:
        raise invalid("rules", f"Use at most {MAX_SEVERITY_RULES} rules.")
    if sum(rule["when"] == TAG for rule in wanted) > MAX_TAGS:
        raise invalid("rules", f"Use at most {MAX_TAGS} tags.")
    names = [(rule["when"], rule.get("tag", "").casefold()) for rule in wanted]
    if len(set(names)) < len(names):
        raise invalid(
            "rules",
            "Two rules have the same condition. Give each condition once: for several values of a tag, use one rule"
            " that lists them.",
        )
    return wanted


def _checked_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    when, step = rule.get("when"), rule.get("step")
    if when not in CONDITIONS:
        raise invalid("rules", f"Choose one of these conditions: {', '.join(CONDITIONS)}.")
    if step not in (1, -1) or isinstance(step, bool):
        raise invalid("rules", "The step is 1 (one level more severe) or -1 (one level less severe).")
    if when != TAG:
        return {"when": when, "step": step}
    name, values = str(rule.get("tag", "")).strip(), rule.get("values", [])
    if not name or len(name) > MAX_TAG:
        raise invalid("rules", f"Enter the name of the tag, with at most {MAX_TAG} characters.")
    cleaned = sorted({str(value).strip() for value in values} - {""})
    if len(cleaned) > MAX_TAG_VALUES or any(len(value) > MAX_TAG for value in cleaned):
        raise invalid(
            "rules", f"Give at most {MAX_TAG_VALUES} values of a tag, with at most {MAX_TAG} characters each."
        )
    return {"when": TAG, "step": step, "tag": name, "values": cleaned}


@transaction.atomic
def switch_off(*, tenant: Tenant, by: Actor, slug: str, reason: str) -> SwitchedOffControl:
    """Switch the control off for the customer, from the next assessment on.

    Raise InvalidInput for an unknown control, or for an empty or too long reason. Raise Conflict if the control is off
    already.
    """
    if slug not in known_controls():
        raise invalid("control", _unknown(slug))
    reason = reason.strip()
    if is_blank(reason):
        raise invalid(
            "reason", "Enter why this control is switched off for the customer. Reports show the reason."
        )
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"Shorten the reason to at most {MAX_REASON:,} characters.")
    lock_settings([tenant])
    if SwitchedOffControl.objects.filter(tenant=tenant, control=slug).exists():
        raise Conflict("This control is switched off already. Reload the page.", code="already_off")
    row = SwitchedOffControl.objects.create(
        tenant=tenant,
        control=slug,
        reason=reason,
        by=by if isinstance(by, Person) else None,
        system=by.name if isinstance(by, System) else "",
    )
    journal.record(
        tenant=tenant,
        actor=by,
        action="control.switched_off",
        target=f"control:{slug}",
        details={"reason": reason},
    )
    return row


def _unknown(slug: str) -> str:
    try:
        control(slug)
    except UnknownControl as error:
        return str(error).strip("'\"")
    raise ValueError(f"{slug} exists")


@transaction.atomic
def switch_on(*, tenant: Tenant, by: Actor, slug: str) -> None:
    """Switch the control on again, from the next assessment on. Raise Conflict if it is not switched off."""
    lock_settings([tenant])
    row = SwitchedOffControl.objects.filter(tenant=tenant, control=slug).first()
    if row is None:
        raise Conflict("This control is not switched off. Reload the page.", code="not_off")
    row.delete()
    journal.record(
        tenant=tenant,
        actor=by,
        action="control.switched_on",
        target=f"control:{slug}",
        details={"reason": row.reason},
    )


def overrides_of(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return the tenant's parameter values for the next assessment, {control: {name: value}}.

    For a control that is not judged, the values contain the key SWITCHED_OFF (`assessments.controls.profiles`). For an
    own control of the organization, the values contain its definition (`assessments.own.control`). If the tenant has
    rules that change severities, the returned dict has one more key, SEVERITY_RULES (`assessments.context_severity`).
    """
    found = own_overrides(tenant)
    for slug, values in ControlSetting.objects.filter(tenant=tenant).values_list("control", "values"):
        found[slug] = dict(values)
    part = profile_part(tenant)
    for slug in outside(part["profile"], part["controls"]):
        found.setdefault(slug, {})[SWITCHED_OFF] = {"profile": profile_name(part["profile"])}
    if rules := severity_part(tenant)["rules"]:
        found[SEVERITY_RULES] = {"rules": rules}
    known = [*catalogue(), *found]
    for row in SwitchedOffControl.objects.filter(tenant=tenant, control__in=known):
        found.setdefault(row.control, {})[SWITCHED_OFF] = {
            "reason": row.reason,
            "by": str(row.by_id) if row.by_id else "",
            **({"system": row.system} if row.system else {}),
            "at": row.at.isoformat(timespec="seconds"),
        }
    return found
