"""Declare controls. A control is a function with a decorator, whose arguments are the control's data.

    @per_subject(
        STORAGE_ACCOUNTS,
        fix=Fix(command("az storage account update ..."), portal="..."),
        severity=Severity.HIGH,
        references=References(...),
    )
    def secure_transfer(account: View, ctx: Context) -> Verdict:
        '''Secure transfer required.

        Problem: Storage account accepts unencrypted connections
        Expected: ...
        Judged: ...
        Why: ...
        '''

There are three decorators:

- `per_subject`: the function judges one document of a collection
- `per_scope`: the function judges the subscription or directory as a whole
- `judgements`: the function is a generator that chooses its subjects itself, and yields a judgement on each

The slug is `<section>-<module>`, in which hyphens replace underscores. The section is the package's `SECTION`, or else
the name of the package. A module with several controls passes a slug for each (`slug=`). `doc=` replaces the docstring
of the function. Controls that check one setting can be declared as data instead (`assessments.controls.settings`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Required, TypedDict, Unpack

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.docstrings import EXPECTATIONS, Doc, parse_doc
from assessments.controls.parameter import Parameter as Parameter  # noqa: PLC0414 - controls import it from here
from assessments.controls.references import Reference, References
from assessments.controls.verdict import Judgement, Severity, Verdict, not_applicable, unknown
from assessments.estate.collection import Collection
from assessments.estate.estate import UnitKind
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Reason
from assessments.estate.retired import Feature, retirement_note
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix

# If the overrides of a control have this key, the customer is not held to the control
# (`assessments.controls.profiles`).
SWITCHED_OFF: Final = "switched_off"
# The key in a control's overrides that contains the definition of an own control (`assessments.own.control`).
OWN_CONTROL: Final = "own_control"

SubjectRule = Callable[[View, Context], Verdict]
ScopeRule = Callable[[Context], Verdict]
JudgementsRule = Callable[[Context], Iterable[Judgement]]
# The expectation of one observed value: a phrase, or a tuple of the values that pass. If the tuple contains None, the
# value may also be absent. An empty tuple means that the value must be absent or empty.
type Expected = str | tuple[bool | str | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The validity of a person's answer to a manual control. The answer is valid for `days`, unless the person chooses
    another end.

    If `bound` is True, the answer is about the observed value, and ends when the observed value changes.
    """

    days: int = 90
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One rule of the catalogue.

    - `title`: names the control by what should hold ("SSH is not open to the Internet")
    - `problem`: names its failures ("SSH open to the Internet")
    - `expectation`: the template of `expected`; for example, `{max_age}` stands for the value of the parameter
      `max_age`
    - `expects`: what each observed value should be, by the key of the observed value
    - `needs`: collections without which the control cannot judge
    - `optional`: collections that the control also reads; without them, it can judge, but perhaps less accurately
    - `feature`: in clouds that no longer have this feature, the control is not applicable
    - `labels`: {key of an observed value: its label}, for keys whose own words would not be a clear label
    - `asks_with`: the name of a parameter; while the parameter is empty, the control is not applicable and requests no
      collections
    - `unit`: the kind of unit that the control judges: a subscription or a directory
    - `run`: judges one unit, and yields at least one Judgement
    """

    slug: str
    section: str
    module: str
    title: str
    problem: str
    judged: str
    why: str
    fix: Fix = field(compare=False)
    severity: Severity
    subject_type: str
    unit: UnitKind
    needs: tuple[Collection, ...]
    expectation: str
    references: References
    parameters: tuple[Parameter, ...]
    is_manual: bool
    run: Callable[[Context], Iterator[Judgement]] = field(compare=False)
    optional: tuple[Collection, ...] = ()
    answer: Answer = Answer()
    feature: Feature | None = None
    expects: Mapping[str, Expected] = field(default_factory=dict, compare=False)
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    asks_with: str = ""

    @property
    def permissions(self) -> tuple[str, ...]:
        """The sorted ARM actions and Graph permissions with which the collections in `needs` can be read."""
        return tuple(sorted({collection.permission for collection in self.needs}))

    def asks(self, overrides: Mapping[str, Any]) -> bool:
        """Return whether the control reads anything from Azure if a tenant has these overrides of the parameters."""
        return not self.asks_with or bool(str(self.values(overrides)[self.asks_with]).strip())

    def framework_references(self, overrides: Mapping[str, Any] | None = None) -> list[Reference]:
        """Return the references to frameworks. The tenant's overrides of parameters can decide which parts of a
        requirement the control checks.
        """
        return self.references.resolved(self.values(overrides or {}))

    @property
    def expected(self) -> str:
        """A description of a passing subject, with the parameters' default values filled in."""
        return self.expected_with(self.values({}))

    def expected_with(self, values: Mapping[str, Any]) -> str:
        """Return the description of a passing subject, with these values of the parameters filled in. `values` contains
        every parameter, as the method `values` returns them.
        """
        return EXPECTATIONS.vformat(self.expectation, (), values)

    def chosen(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each parameter: the value that a person chose (`values`), or else the default.

        Raise ValueError for an unknown name or an invalid value, and for the keys SWITCHED_OFF and OWN_CONTROL, which
        people cannot set.
        """
        if SWITCHED_OFF in values:
            raise ValueError(f"{self.slug} has no parameter {SWITCHED_OFF}. Switch the control off instead.")
        if OWN_CONTROL in values:
            raise ValueError(f"{self.slug} has no parameter {OWN_CONTROL}.")
        chosen = self.values(values)
        for parameter in self.parameters:
            if problem := parameter.refusal(chosen[parameter.name]):
                raise ValueError(f"{self.slug}: {problem}")
        return chosen

    def values(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of each parameter: the tenant's override, or else the default. Raise ValueError for an
        unknown name or an invalid value.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in overrides.items():
            if name in (SWITCHED_OFF, OWN_CONTROL):
                continue
            if name not in known:
                raise ValueError(f"{self.slug} has no parameter {name}; it has {', '.join(known) or 'none'}")
            if problem := known[name].problem(value):
                raise ValueError(f"{self.slug}: {problem}")
        return {name: overrides.get(name, parameter.default) for name, parameter in known.items()}


def each_subject(
    rule: SubjectRule,
    collection: Collection,
    ctx: Context,
    where: Callable[[View, Context], bool] | None = None,
) -> Iterator[Judgement]:
    """Judge each document of a collection for which `where` is true.

    If part of the collection could not be read, the unit itself also gets an `unknown` judgement.
    """
    documents, gaps = ctx.partial(collection)
    for document in documents:
        trace = ctx.fresh_trace()
        view = document.bound(trace)
        try:
            if where is not None and not where(view, ctx):
                continue
            if not view.id:
                raise view.unreadable("id", "absent")
            verdict = rule(view, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        yield Judgement(view.id or ctx.scope_id, verdict, tuple(entry[0] for entry in trace.reads.values()))
    ctx.fresh_trace()
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))


def _subjects(
    rule: SubjectRule, collection: Collection, ctx: Context, where: Any, empty_reason: str
) -> Iterator[Judgement]:
    found = False
    for judgement in each_subject(rule, collection, ctx, where):
        found = True
        yield judgement
    if not found:
        yield Judgement(ctx.scope_id, not_applicable(empty_reason))


def judge(ctx: Context, subject: str, rule: Callable[[], Verdict]) -> Judgement:
    """Judge one subject with `rule`. The documents that `rule` reads are the evidence. If a needed document cannot be
    read, the verdict is unknown.
    """
    trace = ctx.fresh_trace()
    try:
        verdict = rule()
    except (CollectionUnavailable, Unreadable) as error:
        verdict = unknown_from(error)
    return Judgement(subject, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _own(rule: JudgementsRule, ctx: Context, empty_reason: str) -> Iterator[Judgement]:
    found = False
    try:
        for judgement in rule(ctx):
            found = True
            yield judgement
    except (CollectionUnavailable, Unreadable) as error:
        found = True
        yield Judgement(ctx.scope_id, unknown_from(error))
    if not found:
        yield Judgement(ctx.scope_id, not_applicable(empty_reason))


def unknown_from(error: CollectionUnavailable | Unreadable) -> Verdict:
    """Return an `unknown` verdict with the reason of the error: an unavailable collection, an unreadable property, or
    data that does not suffice to decide.
    """
    if isinstance(error, CollectionUnavailable):
        return unknown(describe_gap(error.gap), error.gap.reason, gap=error.gap)
    if isinstance(error, Undecided):
        return unknown(error.reason, Reason.UNDECIDED)
    return unknown(error.reason, Reason.MISSING_FIELD, field=error.path)


class Facts(TypedDict, total=False):
    """The arguments that all three decorators accept; `fix` and `severity` are required.

    `unit` is only needed if a control judges a directory, but all collections in its `needs` are of subscriptions.
    """

    fix: Required[Fix]
    severity: Required[Severity]
    references: References
    parameters: Iterable[Parameter]
    slug: str
    doc: str | Doc
    is_manual: bool
    optional: Iterable[Collection]
    answer: Answer
    feature: Feature
    expects: Mapping[str, Expected]
    labels: Mapping[str, str]
    asks_with: str
    unit: UnitKind


def _unless_empty(
    parameter: str, first: Collection, run: Callable[[Context], Iterator[Judgement]], ctx: Context
) -> Iterator[Judgement]:
    if str(ctx.params[parameter]).strip():
        yield from run(ctx)
        return
    # The control is off, so it requests nothing. But another control may have requested the collection `first`. In that
    # case, the documents of the collection are evidence, and a gap in the collection makes the verdict unknown.
    gaps = ctx.partial(first)[1]
    if gaps and ctx.estate.was_asked(first.name):
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    else:
        yield Judgement(ctx.scope_id, not_applicable("The control is off until its parameter has a value"))


def _unless_retired(
    feature: Feature, run: Callable[[Context], Iterator[Judgement]], ctx: Context
) -> Iterator[Judgement]:
    if reason := ctx.retirement(feature):
        yield Judgement(ctx.scope_id, not_applicable(reason))
    else:
        yield from run(ctx)


def section_of(package: str) -> str:
    """Return the section of the controls in a package of `assessments.controls`: its `SECTION`, or else its name."""
    module = sys.modules.get(f"assessments.controls.{package}")
    return str(getattr(module, "SECTION", package))


def _build(
    rule: Callable[..., Any],
    run: Callable[[Context], Iterator[Judgement]],
    needs: Iterable[Collection],
    subject_type: str,
    facts: Facts,
) -> Control:
    inside = rule.__module__.removeprefix("assessments.controls.")
    # Modules that the operator adds (`use_modules`) are not in the package `assessments.controls`.
    is_outside = inside == rule.__module__
    package, _, module = ("own", "", inside) if is_outside else inside.partition(".")
    section = section_of(package)
    doc = facts.get("doc") or rule.__doc__ or ""
    doc = doc if isinstance(doc, Doc) else parse_doc(doc)
    needs = tuple(dict.fromkeys(needs))
    feature = facts.get("feature")
    if asks_with := facts.get("asks_with", ""):
        run = partial(_unless_empty, asks_with, needs[0], run)
    # A control of a directory may also need collections of subscriptions. So one collection of a directory is enough to
    # make it a control of a directory.
    is_of_directory = any(collection.unit is UnitKind.DIRECTORY for collection in needs)
    unit = facts.get("unit", UnitKind.DIRECTORY if is_of_directory else UnitKind.SUBSCRIPTION)
    return Control(
        slug=facts.get("slug") or f"{section}-{module.replace('_', '-')}",
        section=section,
        module=rule.__module__,
        title=doc.title,
        problem=doc.problem,
        judged=doc.judged if feature is None else f"{doc.judged}\n\n{retirement_note(feature)}",
        why=doc.why,
        fix=facts["fix"],
        severity=facts["severity"],
        subject_type=subject_type or unit.value,
        unit=unit,
        needs=needs,
        expectation=doc.expected,
        references=facts.get("references", References()),
        parameters=tuple(facts.get("parameters", ())),
        is_manual=facts.get("is_manual", False),
        run=run if feature is None else partial(_unless_retired, feature, run),
        optional=tuple(dict.fromkeys(facts.get("optional", ()))),
        answer=facts.get("answer", Answer()),
        feature=feature,
        expects=facts.get("expects", {}),
        labels=facts.get("labels", {}),
        asks_with=asks_with,
    )


def reason_for_none(collection: Collection) -> str:
    title = collection.title
    # A name such as SQL or MySQL keeps its capitals inside the sentence.
    is_name = any(map(str.isupper, title.partition(" ")[0][1:]))
    return f"No {title if is_name else title[:1].lower() + title[1:]}"


def per_subject(
    collection: Collection,
    *,
    needs: Iterable[Collection] = (),
    subject_type: str = "",
    where: Callable[[View, Context], bool] | None = None,
    empty_reason: str = "",
    **facts: Unpack[Facts],
) -> Callable[[SubjectRule], Control]:
    """Declare a control that judges each document of `collection` for which `where` is true."""
    kind = subject_type or collection.permission.rsplit("/", 1)[0]

    def declare(rule: SubjectRule) -> Control:
        def run(ctx: Context) -> Iterator[Judgement]:
            return _subjects(rule, collection, ctx, where, empty_reason or reason_for_none(collection))

        return _build(rule, run, (collection, *needs), kind, facts)

    return declare


def per_scope(
    *, needs: Iterable[Collection], subject_type: str = "", **facts: Unpack[Facts]
) -> Callable[[ScopeRule], Control]:
    """Declare a control that judges the subscription or directory as a whole."""

    def declare(rule: ScopeRule) -> Control:
        def run(ctx: Context) -> Iterator[Judgement]:
            yield judge(ctx, ctx.scope_id, partial(rule, ctx))

        return _build(rule, run, needs, subject_type, facts)

    return declare


def judgements(
    *, needs: Iterable[Collection], subject_type: str, empty_reason: str, **facts: Unpack[Facts]
) -> Callable[[JudgementsRule], Control]:
    """Declare a control whose function yields the judgements on all subjects.

    If the function yields no judgement, the control is not applicable, with `empty_reason` as the reason.
    """

    def declare(rule: JudgementsRule) -> Control:
        def run(ctx: Context) -> Iterator[Judgement]:
            return _own(rule, ctx, empty_reason)

        return _build(rule, run, needs, subject_type, facts)

    return declare
