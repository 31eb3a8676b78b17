"""List the changes that an assessment found. Each change is of exactly one kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from assessments.controls.declare import Control
from assessments.controls.registry import known_controls
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.display.text import Text
from assessments.models import Assessment, FindingChange
from assessments.presentation.extent import Extent
from assessments.presentation.finding_names import Mentions, mentions_of_change, names_for
from assessments.presentation.not_judged import NO_LONGER_JUDGED, is_no_longer_judged
from portal.web.components.values import changed_values
from portal.web.shared.visible import may, visible_findings
from tenants.models import Tenant
from tenants.roles import Capability

MAX_DIFFERENCES: Final = 3
MAX_TEXT: Final = 120
MAX_REASON: Final = 160


class Kind(NamedTuple):
    """One kind of change as pages show it. `key` identifies the kind in URLs, and `value` is the stored kind.

    The kind “No longer judged” combines changes of several stored kinds, so its `value` is None.
    """

    key: str
    label: str
    icon: str
    role: str
    value: FindingChange.Kind | None


def _kind(value: FindingChange.Kind, label: str, icon: str, role: str) -> Kind:
    return Kind(value.name.lower(), label, icon, role, value)


_NOT_JUDGED: Final = Kind("not_judged", "No longer judged", "close", "unknown", None)

# The kinds in the order in which pages list them. Kinds that need action come first.
KINDS: Final = {
    kind.key: kind
    for kind in (
        _kind(FindingChange.Kind.BEGAN, "Changed to failing", "fail", "fail"),
        _kind(FindingChange.Kind.UNKNOWN, "Became unknown", "unknown", "unknown"),
        _kind(FindingChange.Kind.RESOLVED, "Resolved", "pass", "pass"),
        _kind(FindingChange.Kind.OBSERVED, "Value changed", "arrow", "manual"),
        _kind(FindingChange.Kind.NEW, "New", "open", "low"),
        _kind(FindingChange.Kind.GONE, "Gone", "close", "unknown"),
        _kind(FindingChange.Kind.OTHER, "Other verdict change", "arrow", "low"),
        _NOT_JUDGED,
    )
}
_BY_VALUE: Final = {kind.value: kind for kind in KINDS.values()}


class ChangeRow(NamedTuple):
    """One change as a row. `differences` has the first changed properties as (property, before, now). `more` is the
    number of further changed properties.
    """

    at: Any
    url: str
    kind: Kind
    severity: str
    title: str
    subject: str
    before: str
    after: str
    reason: str
    differences: Sequence[tuple[str, str, str]]
    more: int


def changes_of(assessment: Assessment, tenant: Tenant) -> QuerySet[FindingChange]:
    """Return the changes that the assessment found, limited to those that the signed-in person may see."""
    rows = FindingChange.objects.filter(tenant=tenant, assessment=assessment)
    if not may(Capability.VIEW_ALL, tenant):
        rows = rows.filter(finding__in=visible_findings(tenant))
    return rows


def is_first(assessment: Assessment, found: dict[str, int]) -> bool:
    """Return whether this is the first assessment with results. An earlier assessment does not count if it could not
    read any data.
    """
    if assessment.number == 1:
        return True
    if not found or found.keys() - {"new"}:
        return False
    before = FindingChange.objects.filter(
        tenant_id=assessment.tenant_id, assessment__number__lt=assessment.number
    )
    return not before.exists()


def extent(assessment: Assessment) -> str:
    """Return sentences about the parts that an assessment did not read. Return an empty text if it read everything.

    Without these sentences, the text “no changes” would be misleading. An assessment that was cancelled before it
    started has no summary (`assessments.actions.units.finish`). For such an assessment, a sentence says that nothing
    was read.
    """
    found = Extent.of(assessment)
    total, failed = found.expected, found.failed
    parts = []
    if found.is_cancelled:
        when = f"after {found.read} of {total} units were read" if found.read else "before anything was read"
        parts.append(
            f"This assessment was cancelled {when}. The results of subscriptions and directories that were"
            " not read have not changed."
        )
    if failed:
        what = "unit" if total == 1 else "units"
        parts.append(
            f"{failed} of {total} {what} could not be read. Verdicts that depend on this data are unknown."
        )
    if assessment.only:
        count = len(assessment.only)
        parts.append(
            f"This assessment covered {count} unit{'' if count == 1 else 's'}. Results of other units are"
            " unchanged."
        )
    return " ".join(parts)


def counts(rows: QuerySet[FindingChange]) -> dict[str, int]:
    """Return {kind of change: count}, in the order in which pages list the kinds. Kinds without changes are left
    out.
    """
    # This query needs only an index.
    stored = _counts_by_kind(rows)
    # This query is slower, because it also reads the reasons of changes. But it skips the kind New, of which a
    # customer's first assessment has many changes.
    not_judged = _counts_by_kind(rows.filter(NO_LONGER_JUDGED))
    found: dict[int | None, int] = {
        value: count - not_judged.get(value, 0) for value, count in stored.items()
    }
    found[None] = sum(not_judged.values())
    return {kind.key: found[kind.value] for kind in KINDS.values() if found.get(kind.value)}


def _counts_by_kind(rows: QuerySet[FindingChange]) -> dict[int, int]:
    return dict(rows.order_by("kind").values_list("kind").annotate(count=Count("*")))


def of_kinds(rows: QuerySet[FindingChange], keys: Collection[str]) -> QuerySet[FindingChange]:
    """Return the changes of these kinds. `keys` are keys of `KINDS`."""
    stored = [kind.value for key in keys if (kind := KINDS[key]).value is not None]
    found = Q(kind__in=stored) & ~NO_LONGER_JUDGED
    return rows.filter(found | NO_LONGER_JUDGED if _NOT_JUDGED.key in keys else found)


def _kind_of(row: FindingChange) -> Kind:
    if is_no_longer_judged(row):
        return _NOT_JUDGED
    return _BY_VALUE[FindingChange.Kind(row.kind)]


def most_severe_first(rows: QuerySet[FindingChange]) -> QuerySet[FindingChange]:
    """Sort by stored kind (a number, in the order of `KINDS`), and then by severity.

    Changes of the kind “No longer judged” have different stored kinds, so other changes can stand between them.
    """
    return rows.order_by("kind", "severity_rank", "id")


def change_rows(
    rows: QuerySet[FindingChange], tenant: Tenant, names: dict[str, str], start: int, end: int
) -> list[ChangeRow]:
    """Return the rows from `start` to `end` as pages show them. `names` maps ids of subscriptions and directories to
    names.

    The first query reads only ids, because it sorts all rows, and there may be very many.
    """
    ids = list(most_severe_first(rows).values_list("pk", flat=True)[start:end])
    shown = FindingChange.objects.filter(pk__in=ids).select_related("finding")
    return _rows(most_severe_first(shown), tenant, names)


def _rows(rows: Iterable[FindingChange], tenant: Tenant, places: dict[str, str]) -> list[ChangeRow]:
    known = known_controls()
    changes = list(rows)
    mentions = [mention for row in changes for mention in mentions_of_change(row)]
    names = names_for(tenant, [*mentions, *(Mentions(row.finding.subject) for row in changes)], places)
    zone = ZoneInfo(tenant.timezone)
    found = []
    for row in changes:
        control = known.get(row.finding.control)
        differing = [
            (pair.label, _short(pair.before), _short(pair.now))
            for pair in changed_values(
                (row.before_outcome, row.before_observed),
                (row.after_outcome, row.after_observed),
                names,
                zone,
            )
        ]
        found.append(
            ChangeRow(
                at=row.at,
                url=reverse("finding", args=[tenant.slug, row.finding_id]),
                kind=_kind_of(row),
                severity=row.finding.severity,
                title=_title(control, row),
                subject=subject_text(row.finding.subject, row.finding.subject_name, names),
                before=row.before_outcome if row.before_outcome != "gone" else "",
                after=row.after_outcome if row.after_outcome != "gone" else "",
                reason=sentence(row.reason, names).shortened(MAX_REASON),
                differences=differing[:MAX_DIFFERENCES],
                more=max(0, len(differing) - MAX_DIFFERENCES),
            )
        )
    return found


def _title(control: Control | None, row: FindingChange) -> str:
    """Return the control's problem if the finding fails after the change. If not, return the control's title.

    The title says what should be true. If the control is no longer known, return its slug.
    """
    if control is None:
        return row.finding.control
    return control.problem if row.after_outcome == "fail" else control.title


def _short(text: Text) -> Text:
    return text.in_one_line().shortened(MAX_TEXT)
