"""Build the context of the framework pages: requirements by section, facets, and links from each count to its
findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse

from assessments.frameworks.framework import NAMES, Framework
from portal.queries.frameworks.coverage import NumberCoverage
from portal.queries.frameworks.filters import NumberFilter
from portal.queries.frameworks.results import COUNT_LABELS, STATES, NumberResult
from portal.web.components.facets import Facet, facet
from portal.web.components.vocabulary import COVERAGES
from portal.web.shared.findings_url import findings_url
from tenants.models import Tenant


class ControlLink(NamedTuple):
    """A control that checks a requirement.

    `is_partly` is True if the control checks the requirement only partly. On the catalogue's page, `failing` is the
    number of tenants in which the control fails, or None if it fails in no tenant. On a tenant's page, `failing` is
    always None.
    """

    title: str
    url: str
    is_partly: bool
    is_manual: bool
    failing: int | None


class Count(NamedTuple):
    """A number of findings, with the URL of their list."""

    findings: int
    label: str
    url: str


class Row(NamedTuple):
    """A requirement of the framework."""

    number: str
    title: str
    about: str
    result: str
    coverage: str
    missing: Sequence[str]
    controls: Sequence[ControlLink]
    counts: Sequence[Count]
    url: str


class Group(NamedTuple):
    """A section with its requirements."""

    key: str
    title: str
    rows: list[Row]


def catalogue_row(row: NumberResult, failing: Mapping[str, int]) -> Row:
    """Return a requirement for the catalogue. `failing` is {control: number of tenants in which the control fails}."""
    links = [
        ControlLink(
            answer.control.title,
            reverse("control", args=[answer.control.slug]),
            bool(answer.reference.missing),
            answer.control.is_manual,
            failing.get(answer.control.slug),
        )
        for answer in row.covered.answers
    ]
    return _row(row, links, [], "")


def tenant_row(tenant: Tenant, row: NumberResult) -> Row:
    """Return a requirement for a tenant's page, with links to the findings of the controls that check it."""
    slugs = [answer.control.slug for answer in row.covered.answers]
    links = [
        ControlLink(
            answer.control.title,
            findings_url(tenant, control=answer.control.slug),
            bool(answer.reference.missing),
            answer.control.is_manual,
            None,
        )
        for answer in row.covered.answers
    ]
    counts = [
        Count(
            count, COUNT_LABELS[kind], findings_url(tenant, control=slugs, state=list(map(str, STATES[kind])))
        )
        for kind, count in row.counts.items()
    ]
    return _row(row, links, counts, findings_url(tenant, control=slugs) if slugs else "")


def _row(row: NumberResult, links: Sequence[ControlLink], counts: Sequence[Count], url: str) -> Row:
    number = row.covered.number
    return Row(
        number.number,
        number.title,
        " · ".join(filter(None, (number.level, number.assessment))),
        str(row.result),
        str(row.covered.coverage),
        row.covered.missing,
        links,
        counts,
        url,
    )


def groups(rows: Sequence[NumberResult], make: Any) -> list[Group]:
    """Return the rows by section, in the order of the framework. The function `make` turns a requirement into a
    `Row`.
    """
    found: dict[str, Group] = {}
    for row in rows:
        section = row.covered.number.section
        group = found.setdefault(section.key, Group(section.key, f"{section.key} {section.title}", []))
        group.rows.append(make(row))
    return list(found.values())


def facets(
    framework: Framework,
    rows: Sequence[NumberResult],
    chosen: NumberFilter,
    query: QueryDict,
    *,
    with_results: bool,
) -> list[Facet]:
    """Return the facets of the requirements. Only a tenant's page has the facet of results."""
    sections = {key: f"{key} {section.title}" for key, section in framework.sections.items()}

    def one(title: str, name: str, **kind: Any) -> Facet:
        return facet(title, name, chosen.count(rows, name), query, **kind)

    found = [one("Result", "result", kind="result")] if with_results else []
    found += [
        one("Coverage", "coverage", kind="coverage"),
        one("Level", "level", order=framework.levels),
        one("Assessment in the benchmark", "assessment", order=("Automated", "Manual")),
        one("Section", "section", labels=sections, order=list(sections), folded=len(sections) > 12),
    ]
    return [each for each in found if each.options]


def count_by_coverage(rows: Iterable[NumberCoverage]) -> dict[str, int]:
    """Return {degree of coverage: number of requirements}, in the order in which pages list the degrees."""
    counted = Counter(str(row.coverage) for row in rows)
    return {key: counted[key] for key in COVERAGES}


def title_of(framework: Framework) -> str:
    """Return the title of the framework.

    `framework.published` counts the requirements in the publisher's list, for example in a baseline of NIST. Controls
    can also refer to other requirements of the framework. If there are any, their number follows the title.
    """
    beyond = len(framework.numbers) - framework.published
    if not beyond:
        return framework.title
    return f"{framework.title}, and {beyond} further requirement{'' if beyond == 1 else 's'}"


def choices(url_name: str, *arguments: str) -> list[tuple[str, str, str]]:
    """Return (key, name, URL) of each framework's page."""
    return [(key, name, reverse(url_name, args=[*arguments, key])) for key, name in NAMES.items()]
