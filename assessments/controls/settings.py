"""Declare controls as data: a property of each document of a collection must have one of the allowed values.

    CONTROLS = declare_settings(
        __name__,
        STORAGE_ACCOUNTS,
        SettingControl(
            "storage-no-shared-key",
            title="Access keys are refused",
            problem="Storage account accepts access keys",
            expected="Access keys, and shared access signatures made with them, are refused",
            judged="`allowSharedKeyAccess` of each storage account. If the property is absent, it counts as on.",
            why="Anyone who has a key can read and change all data, and no log says who it was.",
            setting="properties.allowSharedKeyAccess",
            values={
                False: passed("The account refuses access keys"),
                True: failed("The account accepts access keys"),
            },
            absent=failed("The account accepts access keys, because the setting is absent"),
            severity=Severity.MEDIUM,
            fix=Fix(...),
        ),
    )

One module declares the controls of one topic. If the verdict depends on more than the value of one property, the
control declares a function `judge(document, context)` instead of `setting`, `values` and `absent`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from assessments.controls.context import Context
from assessments.controls.declare import (
    Answer,
    Control,
    Expected,
    Facts,
    Parameter,
    SubjectRule,
    each_subject,
    judgements,
    per_subject,
)
from assessments.controls.docstrings import Doc
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict
from assessments.estate.collection import Collection
from assessments.estate.retired import Feature
from assessments.estate.view import REQUIRED, View, steps_of
from assessments.fixes.declare import Fix

# A check that runs before the setting is read. It returns a verdict, or None if the setting decides.
type Check = Callable[[View, Context], Verdict | None]


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark that the verdict gets if `when` is true for the document. `text` is a sentence without values.

    If `on_failures` is False, only passes get the remark.
    """

    text: str
    when: Callable[[View, Context], bool]
    on_failures: bool = True


def with_remarks(verdict: Verdict, remarks: Iterable[Remark], document: View, ctx: Context) -> Verdict:
    """Append the remarks that apply to the document to the verdict's own remarks, and return the new verdict. Only
    passes and failures get remarks; other verdicts are returned unchanged.
    """
    if verdict.outcome not in {Outcome.PASS, Outcome.FAIL}:
        return verdict
    found = [
        remark.text
        for remark in remarks
        if (remark.on_failures or verdict.outcome is Outcome.PASS) and remark.when(document, ctx)
    ]
    return replace(verdict, remarks=(*verdict.remarks, *found))


@dataclass(frozen=True, slots=True)
class SettingControl:
    """A control of one setting, as data.

    - `title`, `problem`, `expected`, `judged`, `why`: as in the docstrings of other controls
    - `setting`: the dotted path of the property
    - `values`: {value: verdict}. The keys are either booleans or texts; the case of texts does not matter. For any
      other value, the verdict is unknown
    - `absent`: the verdict if the property is absent, null or an empty text; by default unknown
    - `observed_as`: the key of the property in the observed value, by default the name of the property
    - `unless`: checks that run first; if a check returns a verdict, for example not applicable, this verdict is the
      result
    - `remarks`: remarks on passing and failing verdicts
    - `expects`: what is expected of the observed value (`Control.expects`); the passing `values` are added
    - `judge`: replaces `setting`, `values` and `absent` for a rule that needs more than one property
    - `also`: further collections to judge. A control with `also` needs `subject_type` and `empty_reason`

    All other fields are arguments of `per_subject`.
    """

    slug: str
    title: str
    problem: str
    expected: str
    judged: str
    why: str
    severity: Severity
    fix: Fix
    setting: str = ""
    values: Mapping[bool | str, Verdict] = field(default_factory=dict)
    absent: Verdict | None = None
    observed_as: str = ""
    unless: tuple[Check, ...] = ()
    remarks: tuple[Remark, ...] = ()
    judge: SubjectRule | None = None
    references: References = field(default_factory=References)
    parameters: tuple[Parameter, ...] = ()
    also: tuple[Collection, ...] = ()
    needs: tuple[Collection, ...] = ()
    optional: tuple[Collection, ...] = ()
    where: Callable[[View, Context], bool] | None = None
    subject_type: str = ""
    empty_reason: str = ""
    is_manual: bool = False
    answer: Answer = field(default_factory=Answer)
    feature: Feature | None = None
    expects: Mapping[str, Expected] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    asks_with: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError if the control has both or neither of `judge` and `setting`, lacks a needed field, has a
        field that would never be used, or has keys of `values` with different types.
        """
        if (self.judge is None) == (not self.setting):
            raise ValueError(f"{self.slug} needs either `judge` or `setting`")
        if self.judge is not None and (self.values or self.absent):
            raise ValueError(f"{self.slug} has `judge`, so `values` and `absent` would never be used")
        if self.also and not (self.subject_type and self.empty_reason):
            raise ValueError(
                f"{self.slug} judges several collections, so it needs `subject_type` and `empty_reason`"
            )
        if self.setting and len({type(value) for value in self.values}) != 1:
            raise ValueError(f"the values of {self.slug} must all be texts or all be booleans")


def declare_settings(module: str, collection: Collection, *controls: SettingControl) -> tuple[Control, ...]:
    """Return the controls that judge each document of `collection`. `module` is the caller's `__name__`.

    The module must assign the result to a variable. Otherwise, the catalogue does not find the controls.
    """
    return tuple(_declare(module, collection, control) for control in controls)


def _declare(module: str, collection: Collection, control: SettingControl) -> Control:
    def rule(document: View, ctx: Context) -> Verdict:
        for check in control.unless:
            if (verdict := check(document, ctx)) is not None:
                return verdict
        verdict = control.judge(document, ctx) if control.judge else _by_value(control, document)
        return with_remarks(verdict, control.remarks, document, ctx)

    # The catalogue and the documentation read `__module__` to name the module that declares the control.
    rule.__module__ = module
    facts: Facts = {
        "slug": control.slug,
        "doc": Doc(control.title, control.problem, control.expected, control.judged, control.why),
        "severity": control.severity,
        "fix": control.fix,
        "references": control.references,
        "parameters": control.parameters,
        "optional": control.optional,
        "is_manual": control.is_manual,
        "answer": control.answer,
        "expects": {**_passing(control), **control.expects},
        "labels": control.labels,
        "asks_with": control.asks_with,
    }
    if control.feature is not None:
        facts["feature"] = control.feature
    if control.also:
        collections = (collection, *control.also)

        def each(ctx: Context) -> Iterator[Judgement]:
            for one in collections:
                yield from each_subject(rule, one, ctx, control.where)

        each.__module__ = module
        return judgements(
            needs=(*collections, *control.needs),
            subject_type=control.subject_type,
            empty_reason=control.empty_reason,
            **facts,
        )(each)
    return per_subject(
        collection,
        needs=control.needs,
        subject_type=control.subject_type,
        where=control.where,
        empty_reason=control.empty_reason,
        **facts,
    )(rule)


def _passing(control: SettingControl) -> dict[str, Expected]:
    """Return {key of the observed value: the values of the setting that pass}."""
    found: list[bool | str | None] = [
        value for value, verdict in control.values.items() if verdict.outcome is Outcome.PASS
    ]
    if control.absent is not None and control.absent.outcome is Outcome.PASS:
        found.append(None)
    return {control.observed_as or steps_of(control.setting)[-1]: tuple(found)} if found else {}


def _by_value(control: SettingControl, document: View) -> Verdict:
    """Return the verdict for the value of the setting. The observed values of the verdict contain this value."""
    path, default = control.setting, REQUIRED if control.absent is None else None
    verdicts = {
        key.casefold() if isinstance(key, str) else key: verdict for key, verdict in control.values.items()
    }
    key: bool | str | None
    if True in verdicts or False in verdicts:
        key = document.flag(path, default=default)
    elif document.text(path, default=default or "") or control.absent is None:
        key = document.choice(path, {str(known) for known in verdicts})
    else:
        key = None
    # `values` may contain a verdict for only one of the two booleans.
    verdict = control.absent if key is None else verdicts.get(key)
    if verdict is None:
        raise document.unknown_value(path, str(key).lower())
    observed = {control.observed_as or steps_of(path)[-1]: document.raw(path), **verdict.observed}
    return replace(verdict, observed=observed)
