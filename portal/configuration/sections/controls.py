"""Compare a file with a customer's profile of controls, switched-off controls and rules for severities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from assessments.actions.profiles import (
    checked_profile,
    checked_severity_rules,
    set_severity_rules,
    switch_on,
)
from assessments.context_severity import TAG
from assessments.controls.profiles import EVERYTHING, OWN, known_choice, profile_name
from assessments.models import ControlProfile, SwitchedOffControl
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.treatment.actions.control_switches import change_profile, switch_control_off
from tenants.actors import Actor
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class PresentControls:
    """The profiles of controls and the switched-off controls of customers, by customer id. A customer without a profile
    is held to all controls.
    """

    profiles: dict[UUID, ControlProfile] = field(default_factory=dict)
    off: dict[UUID, list[SwitchedOffControl]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, tenant_ids: Sequence[UUID]) -> PresentControls:
        """Load the settings of customers with two queries."""
        found = cls({row.tenant_id: row for row in ControlProfile.objects.filter(tenant__in=tenant_ids)})
        for row in SwitchedOffControl.objects.filter(tenant__in=tenant_ids).order_by("control"):
            found.off[row.tenant_id].append(row)
        return found

    def data(self, tenant_id: UUID) -> dict[str, Any]:
        """Return the settings of a customer as a file contains them.

        Profiles and controls that this version of Surety does not have are left out.
        """
        row = self.profiles.get(tenant_id)
        choice = known_choice(row.profile if row else EVERYTHING, row.controls if row else [])
        found: dict[str, Any] = {}
        if choice is not None:
            found["profile"] = choice["profile"]
            if choice["profile"] == OWN:
                found["profile_controls"] = choice["controls"]
        found["switched_off"] = [
            {"control": row.control, "reason": row.reason} for row in self.off.get(tenant_id, [])
        ]
        found["severity_rules"] = row.severity_rules if row else []
        return found


def plan_controls(
    draft: Draft, present: PresentControls, tenant: Tenant, wanted: Mapping[str, Any], path: Path
) -> None:
    """Add to the plan the steps that change the controls to which a customer is held, and the severities of
    their failures.
    """
    before = present.data(tenant.pk)
    if "profile" in wanted:
        with draft.refusals((*path, "profile")):
            _profile(draft, tenant, before, wanted, path)
    elif "profile_controls" in wanted:
        draft.problem(
            (*path, "profile_controls"),
            f"This key works only with the profile “{OWN}”. Add “profile: {OWN}”.",
        )
    if "switched_off" in wanted:
        _switched_off(draft, tenant, before["switched_off"], wanted["switched_off"], (*path, "switched_off"))
    if "severity_rules" in wanted:
        here = (*path, "severity_rules")
        with draft.refusals(here):
            rules = checked_severity_rules(wanted["severity_rules"])
            if rules != before["severity_rules"]:
                change = f"Severities by context: {_rules(before['severity_rules'])} → {_rules(rules)}"
                run = partial(_set_severities, tenant, rules)
                draft.add(tenant.name, here, Kind.CHANGE, change, run)


def _profile(
    draft: Draft, tenant: Tenant, before: Mapping[str, Any], wanted: Mapping[str, Any], path: Path
) -> None:
    """Plan the step that changes the profile and its list of controls, unless the customer already has them. Raise
    InvalidInput if the file states the profile “own” but lists no controls.
    """
    if wanted["profile"] != OWN and "profile_controls" in wanted:
        draft.problem(
            (*path, "profile_controls"),
            f"A list of controls works only with the profile “{OWN}”. Remove this key, or write “profile: {OWN}”.",
        )
        return
    after = checked_profile(wanted["profile"], wanted.get("profile_controls", []))
    present = before.get("profile"), before.get("profile_controls", [])
    if present == (after["profile"], after["controls"]):
        return
    change = (
        f"Profile of controls: {profile_name(present[0] or 'unknown')} → {profile_name(after['profile'])}"
    )
    if after["profile"] == OWN and present[0] == OWN:
        change = f"Profile of controls: {_choice(present[1], after['controls'])}"
    draft.add(
        tenant.name, (*path, "profile"), Kind.CHANGE, change, partial(_set_profile, tenant, dict(after))
    )


def _choice(before: Sequence[str], after: Sequence[str]) -> str:
    added, removed = sorted({*after} - {*before}), sorted({*before} - {*after})
    return "; ".join(
        f"{word} {', '.join(slugs)}" for word, slugs in (("add", added), ("remove", removed)) if slugs
    )


def _switched_off(
    draft: Draft,
    tenant: Tenant,
    stored: Sequence[Mapping[str, str]],
    entries: Sequence[Mapping[str, str]],
    path: Path,
) -> None:
    """Plan steps that switch single controls off or on. Controls that the file does not list are switched on."""
    present = {one["control"]: one["reason"] for one in stored}
    wanted: dict[str, tuple[Path, str]] = {}
    for number, entry in enumerate(entries):
        slug, here = entry["control"], (*path, number)
        if slug in wanted:
            draft.problem(
                (*here, "control"),
                f"The control “{slug}” is already listed above. Remove one of the two entries.",
            )
        else:
            wanted[slug] = here, entry["reason"].strip()
    for slug in present:
        if slug not in wanted:
            run = partial(_switch_on, tenant, slug)
            draft.add(tenant.name, path, Kind.REMOVE, f"Control {slug}: switches the control on", run)
    for slug, (here, reason) in wanted.items():
        if slug not in present:
            run = partial(_switch_off, tenant, slug, reason)
            draft.add(
                tenant.name, here, Kind.ADD, f"Control {slug}: switches the control off ({reason})", run
            )
        elif present[slug] != reason:
            run = partial(_give_reason, tenant, slug, reason)
            change = f"Control {slug}, reason for being off: {present[slug]} → {reason}"
            draft.add(tenant.name, here, Kind.CHANGE, change, run, entries=2)


def _set_profile(tenant: Tenant, values: Mapping[str, Any], by: Actor) -> None:
    change_profile(tenant=tenant, by=by, **values)


def _set_severities(tenant: Tenant, rules: Sequence[Mapping[str, Any]], by: Actor) -> None:
    set_severity_rules(tenant=tenant, by=by, rules=rules)


def _switch_on(tenant: Tenant, slug: str, by: Actor) -> None:
    switch_on(tenant=tenant, by=by, slug=slug)


def _switch_off(tenant: Tenant, slug: str, reason: str, by: Actor) -> None:
    switch_control_off(tenant=tenant, by=by, slug=slug, reason=reason)


def _give_reason(tenant: Tenant, slug: str, reason: str, by: Actor) -> None:
    switch_on(tenant=tenant, by=by, slug=slug)
    switch_control_off(tenant=tenant, by=by, slug=slug, reason=reason)


def _rules(rules: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(map(_rule, rules)) or "none"


def _rule(rule: Mapping[str, Any]) -> str:
    words = [rule["when"]]
    if rule["when"] == TAG:
        words.append(rule["tag"] + (f"={'|'.join(rule['values'])}" if rule["values"] else ""))
    return f"{' '.join(words)} {rule['step']:+d}"
