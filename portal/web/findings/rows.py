"""Findings as the findings page shows them: the rows of the list or of a group, and the groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from django.db.models import (
    Case,
    DateTimeField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Value,
    When,
)
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.treatment.states import DUE, Shown, covered, due_at, shown_state
from portal.web.components.badges import badge
from portal.web.components.vocabulary import SEVERITIES, STATES, VERDICTS
from portal.web.findings.address import Address
from portal.web.findings.counts import Group
from portal.web.findings.moments import SINCE
from tenants.models import Tenant

# Gravest first, and of the same severity what fails before what is not known and what passes.
GRAVEST: Final = ("severity_rank", "outcome_rank", "control", "id")
# What a row does not show and would have to be read.
UNSEEN: Final = ("observed", "expected", "evidence", "remarks", "observed_sha256")


def ordered(rows: QuerySet[Finding], sort: str, tenant: Tenant, now: datetime) -> QuerySet[Finding]:
    """The findings in one of `findings.address.SORTS`; always the same order for the same findings."""
    if sort == "due":
        rows = _with_cover(rows).alias(
            due=Case(When(covered(now, "cover__"), then=None), *_policy(tenant), output_field=DateTimeField())
        )
        return rows.order_by(F("due").asc(nulls_last=True), *GRAVEST)
    if sort == "age":
        return rows.alias(age=SINCE).order_by("age", *GRAVEST)
    if sort == "new":
        return rows.alias(age=SINCE).order_by("-age", *GRAVEST)
    if sort == "subject":
        return rows.order_by("subject_name", "subject", "control", "id")
    return rows.order_by(*GRAVEST)


def by_due(
    rows: QuerySet[Finding], tenant: Tenant, now: datetime
) -> tuple[QuerySet[Finding], QuerySet[Finding]]:
    """The same order as `ordered` has for `due`, in its two parts: what has a due date, which is few and has an
    index, and what has none."""
    due = Q(state="open", severity__in=list(tenant.due_days))
    dated = (
        _with_cover(rows.filter(due))
        .exclude(covered(now, "cover__"))
        .alias(due=Case(*_policy(tenant), output_field=DateTimeField()))
    )
    undated = rows.filter(~due | Q(pk__in=_covered(tenant, now)))
    return dated.order_by("due", *GRAVEST), undated.order_by(*GRAVEST)


def _with_cover(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """`cover` leads to the treatment where there is one that excepts: few beside all treatments."""
    return rows.alias(
        cover=FilteredRelation("treatment", condition=Q(treatment__excepted_until__isnull=False))
    )


def _covered(tenant: Tenant, now: datetime) -> QuerySet[Finding, Any]:
    rows = Finding.objects.filter(covered(now), tenant=tenant, state="open")
    return rows.order_by().values("pk")


def _policy(tenant: Tenant) -> list[When]:
    """When a finding is due that has no cover, as `states.due_at` has it; nothing for what does not fail."""
    return [
        When(
            severity=severity,
            state="open",
            then=ExpressionWrapper(
                F("failing_since") + Value(timedelta(days=int(days))), output_field=DateTimeField()
            ),
        )
        for severity, days in tenant.due_days.items()
    ]


def shown(rows: QuerySet[Finding], now: datetime) -> QuerySet[Any]:
    """With all that `row` reads, and nothing that it does not."""
    return (
        rows.select_related("treatment__owner")
        .annotate(shown=shown_state(now))
        .defer(*UNSEEN, "treatment__plan")
    )


def row(tenant: Tenant, found: Any, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """A finding of `shown` for the templates."""
    control = catalogue().get(found.control)
    treatment = getattr(found, "treatment", None)
    due = due_at(tenant, found) if found.shown in DUE else None
    return {
        "id": found.pk,
        "url": reverse("finding", args=[tenant.slug, found.pk]),
        "control": found.control,
        "title": control.title if control else found.control,
        "severity": found.severity,
        "section": found.section,
        "outcome": found.outcome,
        "state": found.shown,
        "reason": found.reason,
        "subject": names.get(found.subject.lower(), found.subject_name),
        "type": found.subject_type,
        "resource_group": found.resource_group,
        "unit": names.get(found.unit, found.unit),
        "place": " · ".join(
            part for part in (found.resource_group, names.get(found.unit, found.unit)) if part
        ),
        "owner": treatment.owner if treatment else None,
        "planned_for": treatment.planned_for if treatment and found.shown == Shown.ACKNOWLEDGED else None,
        "due": due,
        "overdue": due is not None and due < now,
        "since": found.failing_since or found.first_seen_at,
        "exception_until": treatment.excepted_until if treatment and found.shown == Shown.EXCEPTED else None,
    }


def group(found: Group, address: Address, in_list: str, see: bool) -> dict[str, Any]:
    """A control with what the filters leave of it. `in_list` is the address of a list, to which the control is
    added; catalogue slugs need no quoting, others get it."""
    control = catalogue().get(found.control)
    opened = list(address.opened)
    is_open = found.control in opened
    now_open = [slug for slug in opened if slug != found.control] if is_open else [*opened, found.control]
    return {
        "control": found.control,
        "title": control.title if control else found.control,
        "severity": _gravest(found),
        "count": found.count,
        "marks": mark_line(found),
        "open": is_open and see,
        "url": f"?{address.text}{''.join(f'&open={quote(slug)}' for slug in now_open)}",
        "all_url": f"{in_list}&control={quote(found.control)}",
        "rows": (),
    }


def _gravest(found: Group) -> str:
    return min(found.severities, key=list(SEVERITIES).index)


def mark_line(found: Group) -> SafeString:
    """How many of each state, which says more than verdicts; in one piece, since a page has hundreds of them."""
    return format_html_join(
        "",
        '<span class="mark-count">{}<strong>{}</strong></span>',
        (
            (badge("state", key, plain=True), localize(found.states[key]))
            for key in STATES
            if found.states.get(key)
        ),
    )


def in_order(groups: list[Group], sort: str) -> list[Group]:
    """Gravest first, of a severity what has the most to do; by the controls' titles for `subject`."""
    known = catalogue()

    def title(found: Group) -> str:
        return known[found.control].title if found.control in known else found.control

    if sort == "subject":
        return sorted(groups, key=lambda found: (title(found).casefold(), found.control))
    rank = list(SEVERITIES)
    weight = list(VERDICTS)

    def key(found: Group) -> tuple[Any, ...]:
        worst = min(weight.index(outcome) for outcome, count in found.verdicts.items() if count)
        todo = sum(found.states.get(state, 0) for state in (Shown.OPEN, Shown.ACKNOWLEDGED))
        return (rank.index(_gravest(found)), worst, -todo, -found.count, found.control)

    return sorted(groups, key=key)
