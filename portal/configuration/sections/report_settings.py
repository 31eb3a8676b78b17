"""Compare the settings of reports in a file with the present settings: paper, language, longest validity of links, and
brandings.

Configuration files contain no logos.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from assessments.estate.quantities import in_days
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.reports.branding.actions import (
    Look,
    clean_label,
    clean_look,
    remove_branding,
    save_branding,
)
from portal.reports.models import ReportBranding
from tenants.actions.organizations import (
    set_report_language,
    set_report_link_days,
    set_report_paper,
)
from tenants.actors import Actor
from tenants.models import Organization

_TEXTS: Final = ("name", "contact", "cover_text", "accent")
_WORDS: Final = {"name": "name", "contact": "contact", "cover_text": "cover text", "accent": "accent colour"}


def branding_data(rows: Iterable[ReportBranding]) -> list[dict[str, str]]:
    """Return brandings as a file contains them, without their logos."""
    return [
        {name: getattr(row, name) for name in ("label", *_TEXTS) if name != "label" or row.label}
        for row in rows
    ]


def plan_report_settings(
    draft: Draft,
    organization: Organization,
    brandings: Sequence[ReportBranding],
    wanted: Mapping[str, Any],
    path: Path,
) -> None:
    """Add to the plan the steps that change the report settings and brandings that a file states.

    `brandings` are the newest versions of the organization's brandings, without removed brandings.
    """
    if (paper := wanted.get("report_paper", organization.report_paper)) != organization.report_paper:
        draft.add(
            organization.name,
            (*path, "report_paper"),
            Kind.CHANGE,
            f"Paper of reports: {organization.report_paper} → {paper}",
            lambda by: set_report_paper(organization=organization, by=by, paper=paper),
        )
    if (
        language := wanted.get("report_language", organization.report_language)
    ) != organization.report_language:
        draft.add(
            organization.name,
            (*path, "report_language"),
            Kind.CHANGE,
            f"Language of reports: {organization.report_language} → {language}",
            lambda by: set_report_language(organization=organization, by=by, language=language),
        )
    if (
        days := wanted.get("report_link_days", organization.report_link_days)
    ) != organization.report_link_days:
        draft.add(
            organization.name,
            (*path, "report_link_days"),
            Kind.CHANGE,
            f"Longest validity of links to reports: {in_days(organization.report_link_days)} → {in_days(days)}",
            lambda by: set_report_link_days(organization=organization, by=by, days=days),
        )
    if "report_branding" in wanted:
        _plan_brandings(draft, organization, brandings, wanted["report_branding"], (*path, "report_branding"))


def _plan_brandings(
    draft: Draft,
    organization: Organization,
    stored: Sequence[ReportBranding],
    entries: Sequence[Mapping[str, str]],
    path: Path,
) -> None:
    """Add to the plan the steps that change brandings. Brandings that the file's list does not contain are
    removed.
    """
    present = {row.label: row for row in stored}
    seen: dict[str, Path] = {}
    for number, entry in enumerate(entries):
        here = (*path, number)
        with draft.refusals(here):
            label = clean_label(entry.get("label", ""))
            if label in seen:
                first = draft.document.line(seen[label])
                draft.problem(
                    here,
                    f"Line {first} has a branding for the same customers. Remove one of the two brandings.",
                )
                continue
            seen[label] = here
            values = dict.fromkeys(_TEXTS, "") | {name: entry[name] for name in _TEXTS if name in entry}
            wanted = clean_look(cast("Look", values))
            _compare(draft, organization, present.get(label), label, wanted, here)
    for label in present:
        if label not in seen:
            text = f"{_title(label)}: removes the branding. Existing reports do not change."
            draft.add(organization.name, path, Kind.REMOVE, text, partial(_remove, organization, label))


def _compare(
    draft: Draft,
    organization: Organization,
    row: ReportBranding | None,
    label: str,
    wanted: Mapping[str, str],
    here: Path,
) -> None:
    before = {name: getattr(row, name) if row else "" for name in _TEXTS}
    changed = [name for name in _TEXTS if wanted[name] != before[name]]
    if not changed:
        return
    parts = [f"{_WORDS[name]} {before[name] or 'none'} → {wanted[name] or 'none'}" for name in changed]
    kind = Kind.CHANGE if row else Kind.ADD
    text = f"{_title(label)}: {'; '.join(parts)}"
    draft.add(organization.name, here, kind, text, partial(_save, organization, label, wanted))


def _title(label: str) -> str:
    return f"Branding of reports for customers with label “{label}”" if label else "Branding of reports"


def _save(organization: Organization, label: str, wanted: Mapping[str, str], by: Actor) -> None:
    save_branding(organization=organization, by=by, look=cast("Look", wanted), label=label)


def _remove(organization: Organization, label: str, by: Actor) -> None:
    remove_branding(organization=organization, by=by, label=label)
