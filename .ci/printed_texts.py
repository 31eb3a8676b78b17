"""Find texts that reports print, but for which `portal.reports.wording` has neither a sentence nor a template.

A report in another language prints such a text in English, whatever the catalogue of the language contains. The texts
come from the cases of all controls, from the declarations of controls and frameworks, and from labels of other
packages. `.ci/translations.py` prints what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import case_texts

# Reasons from the security baseline of a machine are messages of Azure, so they stay English.
AZURES = re.compile(r"Azure\w*Baseline\w*: .*")


class Printed(NamedTuple):
    """A text that reports print. `where` tells people what the text belongs to, such as the slug of a control.
    `section` is the section of the control that wrote the text, or empty.
    """

    where: str
    text: str
    section: str = ""


def without_sentence(language: str, sentences: Iterable[str], printed: Iterable[Printed]) -> list[Printed]:
    """Return the texts that no sentence or template fits, ordered. Django must be set up.

    `sentences` are all sentences of the catalogue. Each of them counts as translated, even if it is not.
    """
    from portal.reports.wording.languages import printed_in, translated

    with _as_translated(language, sentences), printed_in(language):
        return sorted({one for one in printed if translated(one.text, one.section) is None})


@contextmanager
def _as_translated(language: str, sentences: Iterable[str]) -> Iterator[None]:
    """Let each sentence without a translation be its own translation, until the end of the `with` block."""
    from django.utils.translation import trans_real

    from portal.reports.wording.languages import forget_translated

    translations: Any = trans_real.translation(language)
    catalogue: Any = translations._catalog
    added = [text for text in sentences if text not in catalogue]
    forget_translated()
    for text in added:
        catalogue[text] = text
    try:
        yield
    finally:
        for text in added:
            del catalogue._catalogs[0][text]
        forget_translated()


def texts() -> Iterator[Printed]:
    """Yield the texts that are checked. Django must be set up."""
    yield from _of_cases()
    yield from _of_controls()
    yield from _of_frameworks()
    yield from _of_labels()
    yield from _of_assessments()
    yield from _of_portfolio_reports()
    yield from _of_unread_units()


def _of_cases() -> Iterator[Printed]:
    for slug, text in case_texts.reasons():
        if not AZURES.fullmatch(text):
            yield Printed(slug, text, slug.partition("-")[0])
    for word in case_texts.words():
        yield Printed("observed values", word)


def _of_controls() -> Iterator[Printed]:
    """Yield texts of controls: the help of parameters, expected values with other parameters than the defaults,
    sentences of fixes, and texts into which reports insert the problem or title of a control, such as “2 × {problem}”.
    """
    from assessments.controls.registry import catalogue
    from assessments.fixes.declare import sentences
    from portal.reports.wording.portal_paths import WORDS

    for slug, control in catalogue().items():
        for parameter in control.parameters:
            yield Printed(slug, parameter.help)
            value = parameter.default
            if isinstance(value, int | float) and not isinstance(value, bool):
                for other in (1, value + 7):
                    yield Printed(slug, control.expected_with(control.values({}) | {parameter.name: other}))
        for text in sentences(control.fix):
            yield Printed(slug, text)
        for variable in control.fix.variables.values():
            # Paths in the portal can contain the label of a variable. Only labels in WORDS are translated there, so a
            # label that is not in WORDS has no translation.
            if variable.label and variable.label not in WORDS:
                yield Printed(f"WORDS of portal/reports/wording/portal_paths.py, for {slug}", variable.label)
        problem = control.problem
        yield Printed(slug, f"2 × {problem}")
        yield Printed(slug, f"3 × {problem}; 2 × {problem}; {problem}")
        yield Printed(slug, f"control is “{control.title}”, severity is high, tag env is prod")
    yield from _of_singulars()


def _of_singulars() -> Iterator[Printed]:
    """Yield sentences with the number 1 in place of each number of days, hours, seconds and users."""
    from assessments.controls.registry import catalogue
    from portal.reports.wording.expectation_templates import expectation_templates
    from portal.reports.wording.reason_templates import TEMPLATES

    expected = [text for control in catalogue().values() for text in expectation_templates(control)]
    for section, templates in (*TEMPLATES.items(), ("", expected)):
        for text in templates:
            if (filled := singular(text)) is not None:
                yield Printed(section or "expected values", filled, section)


def singular(template: str) -> str | None:
    """Return an example sentence of the template, with the number 1 in place of each “{number}” that counts days,
    hours, seconds or users. Return None if the template has no such number.
    """
    text = re.sub(r"\{number\} (day|hour|second|user)s\b", r"1 \1", template)
    if text == template:
        return None
    return re.sub(r"\{number\d?\}", "7", text).replace("{words}", "High")


def _of_frameworks() -> Iterator[Printed]:
    from assessments.frameworks.framework import NAMES, framework

    for key in NAMES:
        found = framework(key)
        yield Printed(key, found.source)
        for number in found.numbers.values():
            for text in (number.missing, number.reason):
                yield from (Printed(key, sentence) for sentence in text.split(". ") if sentence)
            if key != "nist-800-53-r5":
                yield Printed(key, number.title)
        if key != "nist-800-53-r5":
            yield from (Printed(key, section.title) for section in found.sections.values())


def _of_labels() -> Iterator[Printed]:
    from assessments.display.names import Name, Status
    from assessments.estate.gaps import Reason
    from assessments.models import Assessment
    from assessments.permissions.unknown_remedies import _STEPS
    from portal.portfolio_reports.gather import _ACTIONS
    from portal.portfolio_reports.render import STATES
    from portal.queries.frameworks.coverage import Coverage
    from portal.queries.frameworks.results import COUNT_LABELS, Result
    from portal.treatment.models import FindingException, TreatmentEvent
    from portal.treatment.states import ShownState
    from portal.web.reports.forms import CLASSIFICATIONS

    for choices in (
        FindingException.State,
        FindingException.Because,
        FindingException.Scope,
        Result,
        Coverage,
        ShownState,
        TreatmentEvent.Kind,
        Assessment.State,
    ):
        yield from (Printed(choices.__qualname__, str(label)) for label in choices.labels)
    yield from (Printed("Reason", reason.label[:1].upper() + reason.label[1:]) for reason in Reason)
    yield from (Printed("results of requirements", label) for label in COUNT_LABELS.values())
    yield from (Printed("classifications", label) for label in CLASSIFICATIONS)
    yield from (Printed("portfolio reports", label) for label in (*_ACTIONS.values(), *STATES.values()))
    yield from (Printed("what unknown verdicts need", step) for step in _STEPS.values())
    for status in Status:
        name = Name("aaaaaaaa-0000-0000-0000-000000000002", status=status, permission="User.Read.All")
        if name.problem:
            yield Printed("missing names", name.problem)


def _of_assessments() -> Iterator[Printed]:
    """Yield the labels that mark an assessment as incomplete, and texts of reports that contain such a label."""
    from assessments.presentation.extent import Extent

    for label in {
        Extent(expected, read, 0, is_cancelled, only, is_retry, is_watch).label
        for expected in (1, 3)
        for read in (0, 1)
        for is_cancelled in (False, True)
        for only, is_retry, is_watch in (
            (0, False, False),
            (2, False, False),
            (2, True, False),
            (2, False, True),
        )
    }:
        if label:
            yield Printed("assessments", label)
            yield Printed("assessments", f"Newest assessment: {label}")
            yield Printed("assessments", f"assessment 3 of 2026-03-04 05:06 UTC ({label})")


def _of_portfolio_reports() -> Iterator[Printed]:
    for number, s in ((1, ""), (2, "s")):
        for text in (
            f"Credential ends in {number} day{s}",
            f"{number} undecided exception{s}",
            f"{number} attestation{s} to answer",
            f"{number} kind{s} of data could not be read; 1 verdict is unknown",
            f"{number} kind{s} of data could not be read; 2 verdicts are unknown",
        ):
            yield Printed("portfolio reports", text)


def _of_unread_units() -> Iterator[Printed]:
    from assessments.actions.credentials.delegated_reads import DIRECTORY_NOT_READ, PARTLY_DELEGATED
    from assessments.collect.delegated_errors import SIGN_IN_TEXT
    from assessments.collect.sign_in import refusals
    from portal.reports.wording.unread_texts import TEXTS

    for text in (
        *TEXTS,
        *(text for _, text in refusals.KNOWN.values()),
        *refusals.UNAVAILABLE.values(),
        refusals.OTHER,
        refusals.INVALID_DIRECTORY,
        refusals.INVALID_CERTIFICATE,
        SIGN_IN_TEXT,
        DIRECTORY_NOT_READ,
        PARTLY_DELEGATED,
    ):
        yield Printed("unread subscriptions and directories", text)
