"""What screens and reports read of the engine's tables. Row-level security and scoped managers hold below."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from assessments.models import Assessment, EvidenceItem, Finding, FindingChange, FindingText, Unit
from tenants.models import Tenant

# Kind of text -> the column of a finding that has its key.
TEXT_REFS: Final = {FindingText.Kind.SUBJECT: "subject_ref", FindingText.Kind.REASON: "reason_ref"}
# Each word of a search costs two looks through the texts and two comparisons with all findings.
MOST_WORDS: Final = 12


def findings(tenant: Tenant, *, gone: bool = False) -> QuerySet[Finding]:
    """A tenant's findings, gravest first; those whose subject is gone only when asked for."""
    rows = Finding.objects.filter(tenant=tenant)
    if not gone:
        rows = rows.filter(gone_at__isnull=True)
    return rows.order_by("severity_rank", "control", "id")


def changes_of(finding: Finding) -> QuerySet[FindingChange]:
    """The finding's timeline, newest first."""
    return FindingChange.objects.filter(finding=finding).select_related("assessment").order_by("-at", "-id")


def evidence_of(finding: Finding) -> QuerySet[EvidenceItem]:
    """The evidence that the finding's verdict rests on."""
    rows = EvidenceItem.objects.filter(tenant=finding.tenant_id, sha256__in=finding.evidence)
    return rows.order_by("collection", "document_id")


def assessments(tenant: Tenant) -> QuerySet[Assessment]:
    """A tenant's assessments, newest first."""
    return Assessment.objects.filter(tenant=tenant).select_related("requested_by").order_by("-number")


def latest(tenant: Tenant) -> Assessment | None:
    """The newest assessment that finished."""
    return assessments(tenant).filter(state=Assessment.State.FINISHED).first()


def units(assessment: Assessment) -> QuerySet[Unit]:
    """The units of an assessment, directories first."""
    return Unit.objects.filter(assessment=assessment).order_by("kind", "name", "azure_id")


def current_units(assessment: Assessment) -> QuerySet[Unit]:
    """The unit that last judged each scope, as of the assessment.

    One that was limited to some scopes (a retry) leaves the others with the verdicts, and so the units, of
    the assessments before it.
    """
    if not assessment.only:
        return units(assessment)
    found = {(unit.kind, unit.azure_id): unit.pk for unit in _places(assessment)}
    while assessment.only:
        before = (
            Assessment.objects.filter(
                tenant=assessment.tenant_id,
                number__lt=assessment.number,
                state__in=[Assessment.State.FINISHED, Assessment.State.CANCELLED],
            )
            .order_by("-number")
            .only("tenant", "number", "only")
            .first()
        )
        if before is None:
            break
        for unit in _places(before).filter(state__in=Unit.ENDED):
            found.setdefault((unit.kind, unit.azure_id), unit.pk)
        assessment = before
    return Unit.objects.filter(pk__in=found.values()).order_by("kind", "name", "azure_id")


def _places(assessment: Assessment) -> QuerySet[Unit]:
    return units(assessment).only("kind", "azure_id")


def ledger(rows: Iterable[Unit]) -> dict[str, dict[str, Any]]:
    """The coverage ledger of several units as one.

    → {"collections": {name: {title, permission, expected, reached, documents, gaps}}, "controls": {slug:
    {subjects, outcomes, unknown}}}
    """
    total: dict[str, dict[str, Any]] = {"collections": {}, "controls": {}}
    for unit in rows:
        for part in ("collections", "controls"):
            for name, row in unit.coverage.get(part, {}).items():
                _add(total[part].setdefault(name, {}), row)
    return total


def _add(into: dict[str, Any], row: dict[str, Any]) -> None:
    for key, value in row.items():
        if isinstance(value, dict):
            _add(into.setdefault(key, {}), value)
        elif isinstance(value, int):
            into[key] = into.get(key, 0) + value
        else:
            into[key] = value


def words_of(text: str) -> tuple[list[str], int]:
    """The words that a search for the text looks for, and how many more it would need but leaves out.

    A word that is part of another one is where that one is: it need not be looked for. Of what remains the first
    `MOST_WORDS` count.
    """
    words = list(dict.fromkeys(text.split()))
    needed = [word for word in words if not any(word != other and word in other for other in words)]
    return needed[:MOST_WORDS], max(0, len(needed) - MOST_WORDS)


def kinds_saying(tenant: Tenant, text: str) -> dict[str, frozenset[str]]:
    """Word -> the kinds of texts (`FindingText.Kind`) that have it, so that `saying` need not ask the others."""
    words, _ = words_of(text)
    rows = FindingText.objects.filter(tenant=tenant).order_by().values_list("kind")
    has = {f"has_{number}": BoolOr(_has(word)) for number, word in enumerate(words)}
    found: dict[str, set[str]] = {word: set() for word in words}
    for kind, *flags in rows.annotate(**has):
        for word, flag in zip(words, flags, strict=True):
            if flag:
                found[word].add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


def saying(tenant: Tenant, text: str, kinds: Mapping[str, Collection[str]] | None = None) -> Q:
    """The tenant's findings in whose subject, control or reason every word of the text is, whatever its case; where
    the text has too many, those that `words_of` leaves.

    By the tenant's texts (`FindingText`), so that indexes alone answer; of `kinds_saying` where it was asked. A NUL
    cannot be in a text of PostgreSQL: leave it out before.
    """
    found = Q()
    for word in words_of(text)[0]:
        texts = FindingText.objects.filter(_has(word), tenant=tenant).values("key")
        somewhere = Q(pk__in=())
        for kind, column in TEXT_REFS.items():
            if kinds is None or kind in kinds[word]:
                # Beside what is never so PostgreSQL cannot make a join of it, and hashes the keys: joins of two words
                # take a quarter of a minute where a tenant's first findings have not been analyzed yet.
                somewhere |= Q(**{f"{column}__in": texts.filter(kind=kind)}) | Q(pk__isnull=True)
        found &= somewhere
    return found


def _has(word: str) -> GreaterThan:
    # Counting bytes on finds a word about three times as fast as LIKE does.
    return GreaterThan(StrIndex(F("text"), Lower(Value(word))), 0)
