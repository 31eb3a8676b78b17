"""Make controls from the definitions of own controls, which an assessment stores among its parameters.

The parameters contain `{slug: {OWN_CONTROL: {"version": number, "definition": {…}}}}`. So when stored evidence is
judged again, for example with `surety-verify`, the same version of the control is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import OWN_CONTROL, Control, Facts, judgements, per_subject
from assessments.controls.docstrings import Doc
from assessments.controls.registry import OWN_PREFIX, catalogue
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, unknown
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice
from assessments.own.conditions import Observed, Truth, describe, judge

# The section of a control is the name of its package in `assessments.controls`, so own controls get the section “own”.
_MODULE: Final = "assessments.controls.own.definitions"
_PASSED: Final = "The condition of the control is met"
_OUTSIDE: Final = "The control does not apply, because its condition `applies_when` is not met"


class ForeignName(ValueError):
    """An own control has a name that a shipped control can have, or is stored under a name other than its own. The
    message has no full stop.
    """


def own_control(definition: Mapping[str, Any]) -> Control:
    """Make a control from a valid definition (`assessments.own.definition`)."""
    collection = ALL.get(definition["subjects"])
    doc = Doc(
        definition["title"],
        definition["problem"],
        _literal(definition.get("expected") or definition["title"]),
        _judged(definition, collection),
        "\n\n".join([definition["why"], *_references(definition)]),
    )
    facts: Facts = {
        "slug": definition["control"],
        "doc": doc,
        "severity": Severity(definition["severity"]),
        "fix": Fix(advice(definition["fix"])),
    }
    if collection is None:
        return _unreadable(definition["subjects"], facts)

    def rule(document: View, ctx: Context) -> Verdict:
        return _verdict(definition, document)

    rule.__module__ = _MODULE
    return per_subject(collection, **facts)(rule)


def _verdict(definition: Mapping[str, Any], document: View) -> Verdict:
    observed = Observed()
    if (applies := definition.get("applies_when")) is not None:
        truth = judge(applies, document, observed)
        if truth.value is None:
            return _unknown(truth, observed)
        if not truth.value:
            return Verdict(Outcome.NOT_APPLICABLE, _OUTSIDE, observed.by_name())
    truth = judge(definition["pass_when"], document, observed)
    if truth.value is None:
        return _unknown(truth, observed)
    if truth.value:
        return Verdict(Outcome.PASS, _PASSED, observed.by_name())
    return Verdict(Outcome.FAIL, f"Not met: {truth.because}", observed.by_name())


def _unknown(truth: Truth, observed: Observed) -> Verdict:
    values = {**observed.by_name(), "field": truth.path}
    return Verdict(Outcome.UNKNOWN, truth.because, values, unknown_because=Reason.MISSING_FIELD)


def _unreadable(name: str, facts: Facts) -> Control:
    """Return a control whose verdict is always `unknown`, for a definition with a collection (`name`) that this version
    of Surety does not read.
    """

    def rule(ctx: Context) -> Iterator[Judgement]:
        text = f"This version of Surety does not read {name}. Change the control"
        yield Judgement(ctx.scope_id, unknown(text, Reason.UNDECIDED))

    rule.__module__ = _MODULE
    return judgements(needs=(), subject_type=name, empty_reason="No resources", **facts)(rule)


def _judged(definition: Mapping[str, Any], collection: Collection | None) -> str:
    title = collection.title if collection is not None else definition["subjects"]
    text = f"{title}. Passes when {describe(definition['pass_when'])}."
    if (applies := definition.get("applies_when")) is not None:
        text += f" Applies when {describe(applies)}."
    return text


def _references(definition: Mapping[str, Any]) -> list[str]:
    found = definition.get("references") or []
    return [f"References: {', '.join(found)}"] if found else []


def _literal(text: str) -> str:
    """Return the text with its braces doubled, because single braces stand for parameters of a control."""
    return text.replace("{", "{{").replace("}", "}}")


def own_controls(parameters: Mapping[str, Mapping[str, Any]]) -> list[Control]:
    """Return the own controls whose definitions are among the parameters of an assessment, ordered by name.

    Raise ForeignName if a definition is stored under a name other than its own, or has a name that a shipped control
    can have. If such a definition were accepted, its verdicts would replace the verdicts of another control. Only a
    manipulated evidence bundle contains such a definition.
    """
    found = []
    for slug, values in sorted(parameters.items()):
        if OWN_CONTROL in values:
            definition = values[OWN_CONTROL]["definition"]
            if definition["control"] != slug:
                raise ForeignName(f"the own control “{definition['control']}” is stored as “{slug}”")
            if not slug.startswith(OWN_PREFIX):
                raise ForeignName(
                    f"the own control “{slug}” has a name that does not begin with “{OWN_PREFIX}”"
                )
            found.append(own_control(definition))
    return found


def controls_under(
    parameters: Mapping[str, Mapping[str, Any]], shipped: Iterable[Control] | None = None
) -> list[Control]:
    """Return the controls of an assessment with these parameters: the controls of the catalogue and the own controls.
    If `shipped` is given, it replaces the controls of the catalogue.
    """
    return [*(catalogue().values() if shipped is None else shipped), *own_controls(parameters)]
