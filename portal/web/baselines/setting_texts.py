"""Write settings of baselines in words: their names and their values. Also find the page of each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse

from assessments.controls.profiles import OWN, profile_name
from assessments.controls.registry import catalogue
from assessments.estate.quantities import in_days
from assessments.models import Finding
from portal.changes.baseline_settings import SHIPPED_RULE, WATCH_RULE
from portal.changes.shipped import SHIPPED
from portal.notify.models import Channel
from portal.retention.kinds import KINDS
from portal.treatment.actions.baselines.retention import may_retain
from portal.treatment.selectors.baselines import (
    CHANNEL,
    DUE_DAYS,
    EXCEPTION_CAP,
    OWNER_RULE,
    PARAMETERS,
    PROFILE,
    RETENTION,
    SCHEDULE,
)
from portal.web.baselines.texts import period_label, rule_text, schedule_label, watch_rule_text
from tenants.models import Person, Tenant

MAX_LISTED: Final = 5
"""The maximum number of controls that the text of a setting names."""


def setting_label(setting: str) -> str:
    if setting == SCHEDULE:
        return "Schedule"
    if setting == PROFILE:
        return "Profile of controls"
    if setting.startswith(RETENTION):
        return f"Retention: {KINDS[setting.removeprefix(RETENTION)].label.lower()}"
    if setting.startswith(OWNER_RULE):
        return f"Owner rule “{setting.removeprefix(OWNER_RULE)}”"
    if setting.startswith(CHANNEL):
        return f"Channel “{setting.removeprefix(CHANNEL)}”"
    if setting.startswith(WATCH_RULE):
        return f"Watch rule “{setting.removeprefix(WATCH_RULE)}”"
    if setting.startswith(SHIPPED_RULE):
        return f"Watch rule “{SHIPPED[setting.removeprefix(SHIPPED_RULE)].name}”"
    if setting == DUE_DAYS:
        return "Due dates"
    if setting == EXCEPTION_CAP:
        return "Maximum length of exceptions"
    return catalogue()[setting.removeprefix(PARAMETERS)].title


def settings_url(tenant: Tenant, setting: str) -> str:
    """Return the URL of the customer's page that changes the setting."""
    if setting in (DUE_DAYS, EXCEPTION_CAP):
        return reverse("policy", args=[tenant.slug])
    if setting == SCHEDULE:
        return reverse("schedule", args=[tenant.slug])
    if setting == PROFILE:
        return reverse("profile", args=[tenant.slug])
    if setting.startswith(RETENTION):
        # The page of retention periods needs the right RETAIN. People without this right get the link to the settings.
        return reverse(
            "retention" if may_retain(tenant.organization) else "tenant-settings", args=[tenant.slug]
        )
    if setting.startswith(OWNER_RULE):
        return reverse("owner-rules", args=[tenant.slug])
    if setting.startswith(CHANNEL):
        return reverse("channels", args=[tenant.slug])
    if setting.startswith((WATCH_RULE, SHIPPED_RULE)):
        return reverse("watch-rules", args=[tenant.slug])
    return reverse("parameter", args=[tenant.slug, setting.removeprefix(PARAMETERS)])


def value_text(setting: str, value: Any, wanted: Any, people: Mapping[str, Person]) -> str:
    """Return a setting's value in words.

    `wanted` is the baseline's value. The text leaves out due days and parameters that the baseline does not set,
    because they are not keys of `wanted`.
    """
    if setting == SCHEDULE:
        return schedule_label(value)
    if setting == PROFILE:
        return _profile_text(value, wanted)
    if setting.startswith(RETENTION):
        return period_label(value)
    if setting.startswith(OWNER_RULE):
        return rule_text(value, people) if value else "No rule of this name"
    if setting.startswith(CHANNEL):
        return _channel_text(value, wanted)
    if setting.startswith((WATCH_RULE, SHIPPED_RULE)):
        return watch_rule_text(value) if value else "No rule of this name"
    if setting == EXCEPTION_CAP:
        return in_days(value)
    if setting == DUE_DAYS:
        labels = dict(Finding.Severity.choices)
        return ", ".join(f"{labels.get(name, name)} {value.get(name, 'none')}" for name in wanted) + " (days)"
    return ", ".join(f"{name.replace('_', ' ')}: {value[name]}" for name in wanted)


def _profile_text(value: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Describe the profile `value`. If `value` and `wanted` both contain chosen controls (`OWN`), also name the
    controls that only one of them contains.
    """
    text = profile_label(value)
    if value["profile"] != OWN or wanted["profile"] != OWN or value == wanted:
        return text
    more = sorted({*value["controls"]} - {*wanted["controls"]})
    less = sorted({*wanted["controls"]} - {*value["controls"]})
    parts = [f"{word} {listed(slugs)}" for word, slugs in (("also", more), ("without", less)) if slugs]
    return "; ".join([text, *parts])


def profile_label(value: Mapping[str, Any]) -> str:
    """Return a profile in words. For an own choice, the text has the number of chosen controls."""
    number = len(value["controls"])
    chosen = f" ({number} control{'' if number == 1 else 's'})" if value["profile"] == OWN else ""
    return profile_name(value["profile"]) + chosen


def listed(slugs: Sequence[str]) -> str:
    """Return a text with the first slugs, and the number of further slugs."""
    more = len(slugs) - MAX_LISTED
    return ", ".join(slugs[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _channel_text(value: Any, wanted: Any) -> str:
    """Describe a channel. The text says whether the URL or the signing secret differs from the baseline's. It contains
    neither the URL nor the secret.
    """
    if not value:
        return "No channel of this name"
    address = "" if value["address"] == wanted["address"] else ", another address"
    events = f"{len(value['events'])} event{'' if len(value['events']) == 1 else 's'}"
    off = "" if value["enabled"] else ", turned off"
    if value["kind"] != wanted["kind"]:
        # The kind of a channel cannot be changed, so the channel is replaced by a new channel.
        off += ". The baseline’s channel replaces this channel, and waiting posts are deleted"
    elif value["secret"] != wanted["secret"]:
        address += ", another signing secret"
    return f"{Channel.Kind(value['kind']).label} at {value['host']}{address}, {events}{off}"
