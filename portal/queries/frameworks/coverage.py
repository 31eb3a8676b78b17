"""The controls that check a requirement of a framework, and how completely they check it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from assessments.controls.declare import SWITCHED_OFF, Control
from assessments.controls.references import Degree, Reference
from assessments.controls.registry import catalogue
from assessments.frameworks.framework import Framework, Number


class Coverage(TextChoices):
    """Whether and how the catalogue checks a requirement."""

    JUDGED = "judged", "Judged"
    PARTLY = "partly_judged", "Partly judged"
    ATTESTED = "attested", "Attested"
    NOT_COVERED = "not_covered", "Not covered"


@dataclass(frozen=True, slots=True)
class Answer:
    """A control that refers to a requirement."""

    control: Control
    reference: Reference


@dataclass(frozen=True, slots=True)
class NumberCoverage:
    """A requirement with the controls that refer to it.

    `switched_off` are the controls that refer to the requirement, but do not apply to the customer. They were switched
    off for the customer, or are outside of the customer's profile.
    """

    number: Number
    answers: tuple[Answer, ...]
    switched_off: tuple[Control, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether a control checks the requirement completely."""
        return any(answer.reference.degree is Degree.FULL for answer in self.answers)

    @property
    def coverage(self) -> Coverage:
        """How the requirement is checked: completely by an automatic control, by an attestation, only partly by
        automatic controls, or not at all.
        """
        full = [answer for answer in self.answers if answer.reference.degree is Degree.FULL]
        if any(not answer.control.is_manual for answer in full):
            return Coverage.JUDGED
        if full:
            return Coverage.ATTESTED
        if any(not answer.control.is_manual for answer in self.answers):
            return Coverage.PARTLY
        return Coverage.ATTESTED if self.answers else Coverage.NOT_COVERED

    @property
    def missing(self) -> tuple[str, ...]:
        """Sentences on the parts of the requirement that no control checks. If no control checks any part, the
        sentences say why.
        """
        if not self.answers and self.switched_off:
            return tuple(_not_judged(control) for control in self.switched_off)
        if not self.answers:
            return (self.number.reason,)
        if self.is_full:
            return ()
        return tuple(
            dict.fromkeys(
                [
                    *(sentence for answer in self.answers for sentence in answer.reference.missing),
                    *map(_not_judged, self.switched_off),
                ]
            )
        )


def _not_judged(control: Control) -> str:
    return f"The control {control.slug} does not apply to this customer"


def framework_coverage(
    framework: Framework, overrides: Mapping[str, Mapping[str, Any]]
) -> list[NumberCoverage]:
    """Return how controls cover every requirement of the framework, in the framework's order.

    `overrides` is {control: {parameter: value}} of a tenant, as an assessment stores it.
    """
    answers: dict[str, list[Answer]] = defaultdict(list)
    switched_off: dict[str, list[Control]] = defaultdict(list)
    for control in catalogue().values():
        given = overrides.get(control.slug, {})
        # Ignore parameters that the control no longer has, because an older assessment may name them.
        known = {p.name: given[p.name] for p in control.parameters if p.name in given}
        for reference in control.framework_references(known):
            if reference.framework != framework.key:
                continue
            if SWITCHED_OFF in given:
                switched_off[reference.number].append(control)
            else:
                answers[reference.number].append(Answer(control, reference))
    return [
        NumberCoverage(
            number, tuple(answers.get(number.number, ())), tuple(switched_off.get(number.number, ()))
        )
        for number in framework.numbers.values()
    ]
