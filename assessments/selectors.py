"""Queries on assessments, units, findings and evidence for pages, reports and the API."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import F, Q, QuerySet, Subquery, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from assessments.controls.registry import known_controls
from assessments.models import Assessment, EvidenceItem, Finding, FindingChange, FindingText, Unit
from tenants.models import Directory, Subscription, Tenant

# {kind of text: column of `Finding` that refers to a text of this kind by its key}
TEXT_REFS: Final = {FindingText.Kind.SUBJECT: "subject_ref", FindingText.Kind.REASON: "reason_ref"}
# The maximum number of words of a search. For each word, PostgreSQL reads all texts. It then compares the two text keys
# of each finding with the keys of the texts that contain the word.
MAX_WORDS: Final = 12


def findings(tenant: Tenant, *, gone: bool = False) -> QuerySet[Finding]:
    """Return the findings of a tenant, the most severe first. If `gone` is true, include findings whose subject no
    longer exists or is no longer assessed.
    """
    rows = Finding.objects.filter(tenant=tenant)
    if not gone:
        rows = rows.filter(gone_at__isnull=True)
    return rows.order_by("severity_rank", "control", "id")


def evidence_of(finding: Finding, *, first: int | None = None) -> QuerySet[EvidenceItem]:
    """Return the evidence for the current verdict of a finding: all items, or at most `first` items."""
    rows = EvidenceItem.objects.filter(tenant=finding.tenant_id, sha256__in=finding.evidence[:first])
    return rows.order_by("collection", "document_id")


def assessments(tenant: Tenant) -> QuerySet[Assessment]:
    """Return the assessments of a tenant, the newest first."""
    return Assessment.objects.filter(tenant=tenant).select_related("requested_by").order_by("-number")


def latest(tenant: Tenant) -> Assessment | None:
    """Return the newest finished assessment of a tenant, or None."""
    return assessments(tenant).filter(state=Assessment.State.FINISHED).first()


def previous_assessment(assessment: Assessment) -> Assessment | None:
    """Return the assessment with which reports compare `assessment`: the newest earlier one that has ended.

    Assessments that were cancelled before they began have no verdicts, so they do not count. Assessments of the watch
    do not count either: a comparison with one of them would leave out the changes that the watch found.
    """
    ended = assessments(assessment.tenant).filter(
        number__lt=assessment.number, state__in=[Assessment.State.FINISHED, Assessment.State.CANCELLED]
    )
    with_verdicts = ended.exclude(state=Assessment.State.CANCELLED, summary={})
    return with_verdicts.exclude(trigger__in=Assessment.BY_WATCH).first()


def units(assessment: Assessment) -> QuerySet[Unit]:
    """Return the units of an assessment, directories first."""
    return Unit.objects.filter(assessment=assessment).order_by("kind", "name", "azure_id")


def current_units(assessment: Assessment) -> QuerySet[Unit]:
    """Return one unit for each subscription and directory: the last unit that judged it, in this assessment or an
    earlier assessment.

    Some assessments judge only some subscriptions: retries, cancelled assessments, and assessments of the watch. The
    current verdicts on all other subscriptions come from earlier units. If all units of a subscription were cancelled,
    so that the subscription has never been judged, the last cancelled unit is returned.
    """
    number, is_cancelled = assessment.number, assessment.state == Assessment.State.CANCELLED
    if not assessment.only and not is_cancelled:
        return units(assessment)
    newest = {(unit.kind, unit.azure_id): unit for unit in _identities(assessment)}
    if assessment.only:
        # Units before the last complete assessment are not needed. The watch can add many assessments after it, so the
        # database selects the last unit of each subscription and directory. An assessment that was cancelled before it
        # began has no summary and no units, so it does not count as complete.
        whole = Assessment.objects.filter(
            tenant=assessment.tenant_id,
            number__lt=assessment.number,
            state__in=[Assessment.State.FINISHED, Assessment.State.CANCELLED],
            only=[],
        ).exclude(state=Assessment.State.CANCELLED, summary={})
        first = whole.order_by("-number").values_list("number", flat=True).first() or 0
        earlier = Unit.objects.filter(
            tenant=assessment.tenant_id,
            assessment__number__gte=first,
            assessment__number__lt=assessment.number,
            assessment__state__in=[Assessment.State.FINISHED, Assessment.State.CANCELLED],
            state__in=Unit.ENDED,
        )
        last = earlier.order_by("kind", "azure_id", "-assessment__number").distinct("kind", "azure_id")
        for unit in last.only("kind", "azure_id", "state"):
            newest.setdefault((unit.kind, unit.azure_id), unit)
    unread = [unit.azure_id for unit in newest.values() if unit.state == Unit.State.CANCELLED]
    if unread:
        newest |= {key: unit for key, unit in _last_judged(assessment, number, unread) if key in newest}
    keys = [unit.pk for unit in newest.values()]
    return Unit.objects.filter(pk__in=keys).order_by("kind", "name", "azure_id")


def last_whole_number(assessment: Assessment) -> int:
    """Return the number of the newest assessment, up to `assessment`, that began, has ended and was not limited to some
    units. Return 0 if there is none.
    """
    # An assessment that was cancelled before it began has no summary.
    rows = Assessment.objects.filter(
        tenant=assessment.tenant_id, number__lte=assessment.number, only=[], ended_at__isnull=False
    ).exclude(summary={})
    return rows.order_by("-number").values_list("number", flat=True).first() or 0


def _last_judged(
    assessment: Assessment, number: int, azure_ids: list[str]
) -> Iterator[tuple[tuple[str, str], Unit]]:
    """Yield ((kind, Azure id), unit) for each subscription or directory. The unit is the newest unit that ended with
    verdicts in an assessment before `number`.
    """
    rows = Unit.objects.filter(
        tenant=assessment.tenant_id,
        azure_id__in=azure_ids,
        assessment__number__lt=number,
        state__in=(Unit.State.DONE, Unit.State.FAILED),
    )
    newest = rows.order_by("kind", "azure_id", "-assessment__number").distinct("kind", "azure_id")
    for unit in newest.only("kind", "azure_id", "state"):
        yield (unit.kind, unit.azure_id), unit


def last_unit_of(finding: Finding) -> Unit | None:
    """Return the last unit that judged the subscription or directory of a finding, or None if there is no such unit.
    The service principal of the unit is loaded too. Cancelled units do not count, because they judged nothing.
    """
    return last_units(finding.tenant_id, [finding.unit]).get(finding.unit)


def last_check_of(finding: Finding, last: Unit | None) -> Unit | None:
    """Return the last unit that is known to have judged the finding. `last` is the result of `last_unit_of`.

    The watch judges only what somebody changed. So a unit of the watch counts only if it has changed the finding.
    """
    if last is None or last.assessment.trigger != Assessment.Trigger.WATCH:
        return last
    changes = FindingChange.objects.filter(finding=finding).order_by("-assessment__number")
    rows = Unit.objects.filter(
        ~Q(assessment__trigger=Assessment.Trigger.WATCH)
        | Q(assessment=Subquery(changes.values("assessment")[:1])),
        tenant=finding.tenant_id,
        kind=last.kind,
        azure_id=last.azure_id,
        state__in=[Unit.State.DONE, Unit.State.FAILED],
    )
    return rows.select_related("assessment").order_by("-assessment__number").first()


def read_together(unit: Unit) -> list[str]:
    """Return the GUIDs of the subscriptions from which a unit may read single resources, such as load balancers: the
    assessed subscriptions in the unit's directory. If the unit covers a directory or a delegated subscription, return
    no GUIDs.
    """
    if unit.is_delegated or unit.kind == Unit.Kind.DIRECTORY:
        return []
    rows = Subscription.objects.filter(Subscription.assessed(), directory=unit.directory_id)
    return list(rows.order_by("subscription_id").values_list("subscription_id", flat=True))


def excluded_subscriptions(unit: Unit) -> list[str]:
    """Return the GUIDs of the excluded subscriptions in the directory of a unit. The unit reads no lists from
    these subscriptions.
    """
    rows = Subscription.objects.filter(Subscription.excluded(), directory=unit.directory_id)
    return list(rows.order_by("subscription_id").values_list("subscription_id", flat=True))


def foreign_subscriptions(unit: Unit) -> list[str]:
    """Return the GUIDs of the foreign subscriptions, which the unit must not read. The customer's service principals
    see these subscriptions, but other directories own them.

    For a delegated subscription, return no GUIDs: its unit reads no other subscription anyway.
    """
    if unit.is_delegated:
        return []
    homes = Directory.objects.filter(tenant=unit.tenant_id).values("directory_id")
    rows = Subscription.objects.filter(~Subscription.own(), tenant=unit.tenant_id)
    rows = rows.exclude(home_directory_id__in=homes)
    return list(rows.order_by("subscription_id").values_list("subscription_id", flat=True).distinct())


def last_units(tenant_id: UUID, scope_ids: Iterable[str], until: int | None = None) -> dict[str, Unit]:
    """Return {scope id of a subscription or directory: the last unit that judged it}, with one query.

    If `until` is given, only assessments up to this number count.
    """
    wanted = set(scope_ids)
    numbers = {} if until is None else {"assessment__number__lte": until}
    rows = (
        Unit.objects.filter(
            tenant=tenant_id,
            azure_id__in={re.split("[:/]", scope)[-1] for scope in wanted},
            state__in=[Unit.State.DONE, Unit.State.FAILED],
            **numbers,
        )
        .select_related("assessment", "directory", "service_principal__directory")
        .order_by("kind", "azure_id", "-assessment__number")
        .distinct("kind", "azure_id")
    )
    return {unit.scope_id: unit for unit in rows if unit.scope_id in wanted}


def last_read_times(tenant_id: UUID, until: int | None = None, *, whole: bool = False) -> dict[str, datetime]:
    """Return {scope id of a subscription or directory: time at which a unit last finished reading it}.

    If `until` is given, only assessments up to this number count. If `whole` is true, assessments of the watch do not
    count: they read only the resources that somebody changed.
    """
    rows = Unit.objects.filter(tenant=tenant_id, state=Unit.State.DONE, ended_at__isnull=False)
    if until is not None:
        rows = rows.filter(assessment__number__lte=until)
    if whole:
        rows = rows.exclude(assessment__trigger=Assessment.Trigger.WATCH)
    newest = rows.order_by("kind", "azure_id", "-assessment__number").distinct("kind", "azure_id")
    fields = newest.only("tenant", "kind", "azure_id", "ended_at")
    return {unit.scope_id: unit.ended_at for unit in fields if unit.ended_at is not None}


def _identities(assessment: Assessment) -> QuerySet[Unit]:
    return units(assessment).only("kind", "azure_id", "state")


def ledger(rows: Iterable[Unit]) -> dict[str, dict[str, Any]]:
    """Return the sum of the coverage ledgers of several units.

    The result is {"collections": {name: {title, permission, expected, reached, documents, gaps}}, "controls": {slug:
    {subjects, outcomes, unknown, permissions, not_covered}}}. The module `assessments.ledger` explains the values.
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


def search_words(text: str) -> tuple[list[str], int]:
    """Return the words that a search for the text uses, and the number of words that it ignores.

    If a word is part of another word, the shorter word is skipped: each text with the longer word also contains the
    shorter word. Of the remaining words, the first `MAX_WORDS` are used, and the others are ignored. Skipped words
    are not in the number.
    """
    words = list(dict.fromkeys(text.split()))
    needed = [word for word in words if not any(word != other and word in other for other in words)]
    return needed[:MAX_WORDS], max(0, len(needed) - MAX_WORDS)


def text_kinds(tenant: Tenant, text: str) -> dict[str, frozenset[str]]:
    """Return {word of a search: kinds of texts (`FindingText.Kind`) that contain the word}.

    `text_filter` takes this result, and then searches for each word only in these kinds of texts.
    """
    words, _ = search_words(text)
    rows = FindingText.objects.filter(tenant=tenant).order_by().values_list("kind")
    has = {f"has_{number}": BoolOr(_has(word)) for number, word in enumerate(words)}
    found: dict[str, set[str]] = {word: set() for word in words}
    for kind, *flags in rows.annotate(**has):
        for word, flag in zip(words, flags, strict=True):
            if flag:
                found[word].add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


def text_filter(
    tenant: Tenant | Collection[Tenant], text: str, kinds: Mapping[str, Collection[str]] | None = None
) -> Q:
    """Return a condition on findings: each word that `search_words` chooses must occur in one of these texts. Case is
    ignored.

    - the subject (a row of `FindingText`)
    - the slug of the control, followed by the reason (a row of `FindingText`)
    - the title or problem of the control

    `kinds` is a result of `text_kinds`. If `kinds` is None, all kinds in `FindingText` are searched. The caller removes
    NUL characters from `text` first.
    """
    found = Q()
    owner = Q(tenant=tenant) if isinstance(tenant, Tenant) else Q(tenant__in=[one.pk for one in tenant])
    for word in search_words(text)[0]:
        texts = FindingText.objects.filter(owner, _has(word)).values("key")
        somewhere = Q(control__in=_controls_named(word))
        for kind, column in TEXT_REFS.items():
            if kinds is None or kind in kinds[word]:
                # The condition `pk IS NULL` is never true. But because of it, PostgreSQL hashes the keys instead of
                # turning IN into a join. If PostgreSQL used joins, a search for two words would take 15 seconds until
                # ANALYZE has run for the tenant's first findings.
                somewhere |= Q(**{f"{column}__in": texts.filter(kind=kind)}) | Q(pk__isnull=True)
        found &= somewhere
    return found


def _controls_named(word: str) -> list[str]:
    """Return the slugs of the controls whose title or problem contains the word. Pages name findings by these texts."""
    folded = word.casefold()
    return [
        slug
        for slug, control in known_controls().items()
        if folded in f"{control.title}\n{control.problem}".casefold()
    ]


def _has(word: str) -> GreaterThan:
    # strpos() is about three times as fast as LIKE.
    return GreaterThan(StrIndex(F("text"), Lower(Value(word))), 0)
