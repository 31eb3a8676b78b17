"""A profile is the choice of controls to which a customer is held. A control that is outside of the profile or switched
off is not judged.

In the overrides of parameters, an assessment also stores which controls it does not judge, so that a re-performance of
its evidence does not judge them either. The form is {control: {SWITCHED_OFF: why}}:

- For a control outside of the profile, `why` is {"profile": name of the profile}.
- For a control that a person switched off, `why` is {"reason": text, "by": id of the person, "at": ISO time}. If Surety
  itself switched the control off, "by" is empty, and "system" names the part of Surety that did so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from assessments.controls.declare import SWITCHED_OFF, Control
from assessments.controls.registry import catalogue
from assessments.controls.verdict import Outcome, Verdict, not_applicable
from assessments.frameworks.framework import NAMES, framework

EVERYTHING: Final = "everything"
OWN: Final = "own"
_LEVELS: Final = ("Level 1", "Level 2")


@dataclass(frozen=True, slots=True)
class Profile:
    """A choice of controls. `controls` are slugs in the order of the catalogue."""

    key: str
    name: str
    controls: tuple[str, ...]


@cache
def profiles() -> Mapping[str, Profile]:
    """Return {key: profile} of the profiles that Surety ships, in the order in which pages show them."""
    found = [Profile(EVERYTHING, "All controls", tuple(catalogue()))]
    for key, name in NAMES.items():
        levels = framework(key).levels
        if set(_LEVELS) <= set(levels):
            found += [
                Profile(f"{key}-level-{rank}", f"{name}, {level}", _checking(key, _LEVELS[:rank]))
                for rank, level in enumerate(_LEVELS, start=1)
            ]
        elif key == "mcsb-1":
            found.append(Profile(key, name, _checking(key, levels)))
    return MappingProxyType({profile.key: profile for profile in found})


def _checking(key: str, levels: Collection[str]) -> tuple[str, ...]:
    numbers = framework(key).numbers
    return tuple(
        slug
        for slug, control in catalogue().items()
        if any(
            reference.framework == key and (not levels or numbers[reference.number].level in levels)
            for reference in control.framework_references()
        )
    )


def outside(profile: str, own: Collection[str]) -> list[str]:
    """Return the controls that a profile does not contain. Return an empty list if this version of Surety does not have
    the profile. If the profile is OWN, `own` contains the chosen controls.
    """
    if profile == OWN:
        return [slug for slug in catalogue() if slug not in set(own)]
    known = profiles().get(profile)
    return [] if known is None else [slug for slug in catalogue() if slug not in set(known.controls)]


def known_choice(profile: str, controls: Collection[str]) -> dict[str, Any] | None:
    """Return a stored profile as {"profile": key, "controls": slugs}. Leave out controls that this version of Surety
    does not have.

    Return None if this version does not have the profile. For an own choice, return None if this version has none of
    the chosen controls.
    """
    if profile != OWN:
        return {"profile": profile, "controls": []} if profile in profiles() else None
    chosen = sorted(slug for slug in set(controls) if slug in catalogue())
    return {"profile": OWN, "controls": chosen} if chosen else None


def profile_name(profile: str) -> str:
    """Return the name of a profile, for people."""
    if profile == OWN:
        return "Own choice"
    known = profiles().get(profile)
    return profile if known is None else known.name


def is_off(control: str, parameters: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether an assessment with these overrides does not judge the control."""
    return SWITCHED_OFF in parameters.get(control, {})


def judged(controls: Iterable[Control], parameters: Mapping[str, Mapping[str, Any]]) -> list[Control]:
    """Return the controls that an assessment with these overrides judges."""
    return [control for control in controls if not is_off(control.slug, parameters)]


def asking(controls: Iterable[Control], parameters: Mapping[str, Mapping[str, Any]]) -> list[Control]:
    """Return the same controls as `judged`, without those that read nothing from Azure because their deciding parameter
    is empty (`Control.asks`).
    """
    found = judged(controls, parameters)
    return [control for control in found if control.asks(parameters.get(control.slug, {}))]


def off_verdict(stored: Mapping[str, Any]) -> Verdict:
    """Return the not-applicable verdict of a control to which the customer is not held. The verdict is about the
    whole subscription or directory. `stored` is the object `why` in the docstring of this module.
    """
    if "profile" in stored:
        return not_applicable("The control is outside of the customer’s profile", profile=stored["profile"])
    return not_applicable(
        "The control is switched off for the customer", switched_off_because=stored["reason"]
    )


def says_off(outcome: str, observed: Mapping[str, Any]) -> bool:
    """Return whether a stored outcome and observed value come from `off_verdict`. If they do, the customer was not held
    to the control.
    """
    return outcome == Outcome.NOT_APPLICABLE and observed.keys() in ({"profile"}, {"switched_off_because"})


REMOVED: Final = "The control is no longer in the catalogue."
OFF_REASONS: Final = frozenset(
    {REMOVED, *(off_verdict(stored).reason for stored in ({"profile": ""}, {"reason": ""}))}
)
"""The reasons why a finding is no longer judged: the reasons of `off_verdict`, and `REMOVED`."""


def number_off(parameters: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the number of controls of the catalogue that an assessment with these overrides does not judge."""
    return sum(is_off(slug, parameters) for slug in catalogue())
