"""The verdicts of a report: current verdicts, or the verdicts of an earlier assessment, reconstructed from changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import batched, groupby
from operator import attrgetter, itemgetter
from sys import intern
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from assessments.display.names import Names
from assessments.display.observed import on_one_line
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.display.text import Text
from assessments.evaluate import digest
from assessments.fixes.facts import Facts
from assessments.models import Assessment, Finding, Unit
from assessments.permissions.unknown_remedies import needed_for
from assessments.presentation.finding_fixes import FindingFixes
from assessments.selectors import findings as current_findings
from assessments.selectors import last_units
from portal.reports.facts.evidence import stored_evidence
from portal.reports.facts.failures import Failure
from portal.reports.facts.shared import FindingFact
from portal.treatment.due_dates import due_date, overdue_days
from portal.treatment.states import shown_state
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of a finding at the end of the report's assessment. If `is_current` is set, no change of the finding
    has been stored since then.
    """

    outcome: str
    observed: dict[str, Any]
    reason: str
    changed_at: datetime
    failing_since: datetime | None
    is_current: bool


class FindingRow(NamedTuple):
    """The columns of a finding that a report needs, in the order in which the query selects them.

    `shown` is the current state after treatment. It is empty if the verdicts are reconstructed.
    """

    pk: UUID
    control: str
    severity: str
    subject: str
    subject_name: str
    subject_type: str
    unit: str
    resource_group: str
    outcome: str
    reason: str
    expected: str
    observed: dict[str, Any]
    observed_sha256: str
    remarks: list[Any]
    unknown_because: str
    evidence: list[str]
    first_seen_at: datetime
    changed_at: datetime
    failing_since: datetime | None
    shown: str = ""


_COLUMNS: Final = tuple(name for name in FindingRow._fields if name != "shown")
# The number of findings for which one query reads the collection times of the evidence.
_BATCH: Final = 2000


def finding_facts(
    tenant: Tenant,
    assessment: Assessment,
    *,
    at: datetime,
    historic: bool,
    unit_names: dict[str, str],
    names: Names,
    read_at: Mapping[str, datetime],
) -> Iterator[list[FindingFact]]:
    """Yield all findings, control by control, as they were at the end of the assessment.

    `historic` says whether a later assessment exists. If so, the verdicts are reconstructed. A fact then has no
    evidence and no remarks if the finding has changed since, or if its evidence was first read after the assessment.

    A failure is overdue if its due date is before `at`. `FindingFact.shown` is the state after treatment at the time
    `at`, or empty if `historic` is set. The other fields of the treatment are always empty.

    `unit_names`: {`Finding.unit`: name}. `read_at`: {`Finding.unit`: when it was last read}.
    """
    as_of = assessment.ended_at or assessment.created_at
    writer = _FactWriter(
        tenant,
        at,
        unit_names,
        names,
        read_at,
        cites_until=as_of if historic else None,
        until=assessment.number if historic else None,
    )
    rows = _reconstructed(tenant, assessment) if historic else _current(tenant, at)
    # Most controls have few findings, so one batch can have the findings of several controls.
    facts = (fact for batch in batched(rows, _BATCH) for fact in writer.facts(batch))
    for _, found in groupby(facts, key=attrgetter("control")):
        yield list(found)


class _FactWriter:
    """Converts rows of the table of findings into the facts of a report. Equal texts share one object, to save memory.

    A row cites the evidence that was read last, perhaps after the report's assessment. If `cites_until` is given,
    evidence that was first read after that time is left out. `until` is the number of the report's assessment if a
    later assessment exists, otherwise None.
    """

    def __init__(
        self,
        tenant: Tenant,
        at: datetime,
        unit_names: dict[str, str],
        names: Names,
        read_at: Mapping[str, datetime],
        *,
        cites_until: datetime | None,
        until: int | None,
    ) -> None:
        self._tenant, self._unit_names, self._names, self._read_at = tenant, unit_names, names, read_at
        self._zone = ZoneInfo(tenant.timezone)
        self._at, self._cites_until, self._until = at, cites_until, until
        self._fixes = FindingFixes(tenant)
        self._last = last_units(tenant.pk, unit_names)
        self._units = self._last if until is None else last_units(tenant.pk, unit_names, until)
        self._sentence = lru_cache(_SHARED_TEXTS)(self._written_sentence)
        self._observed: dict[str, tuple[Mapping[str, Any], str]] = {}
        self._times: dict[datetime, Any] = {}

    def facts(self, rows: Sequence[tuple[FindingRow, Verdict]]) -> Iterator[FindingFact]:
        cited = {sha for finding, verdict in rows if verdict.is_current for sha in finding.evidence}
        collected = _collection_times(cited, self._tenant)
        return (self._fact(finding, verdict, collected) for finding, verdict in rows)

    def _fact(self, finding: FindingRow, verdict: Verdict, collected: Mapping[str, datetime]) -> FindingFact:
        directory, cloud, subscription = self._fixes.place(finding.subject)
        evidence = tuple(finding.evidence) if verdict.is_current else ()
        remarks = finding.remarks if verdict.is_current else ()
        collected_at = max((collected[sha] for sha in evidence if sha in collected), default=None)
        if collected_at is not None and self._cites_until is not None and collected_at > self._cites_until:
            evidence, remarks, collected_at = (), (), None
        due, fails = None, verdict.outcome == "fail"
        if fails:
            due = due_date(self._tenant.due_days, finding.severity, verdict.failing_since)
        sha256 = finding.observed_sha256 if verdict.is_current else digest(verdict.observed)
        is_last = self._is_last_reading(finding, verdict)
        reason = finding.reason if is_last else verdict.reason
        has_same_reason = is_last or (verdict.is_current and finding.reason == verdict.reason)
        observed, observed_text = self._observed_once(verdict.observed, remarks)
        return FindingFact(
            id=str(finding.pk),
            control=intern(finding.control),
            severity=intern(finding.severity),
            subject=finding.subject,
            subject_name=self._subject(finding.subject, finding.subject_name),
            subject_type=intern(finding.subject_type),
            resource_group=intern(finding.resource_group),
            unit=intern(finding.unit),
            unit_name=self._unit_names.get(finding.unit, finding.unit),
            outcome=intern(verdict.outcome),
            reason=self._sentence(reason),
            expected=self._sentence(finding.expected),
            observed=observed,
            observed_text=observed_text,
            observed_sha256=sha256,
            unknown_because=finding.unknown_because if has_same_reason else "",
            remarks=tuple(self._sentence(str(remark)) for remark in remarks),
            evidence=evidence,
            first_seen_at=self._once(finding.first_seen_at),
            changed_at=self._once(verdict.changed_at),
            collected_at=self._once(collected_at),
            failing_since=self._once(verdict.failing_since),
            due_at=due,
            overdue_days=overdue_days(due, self._at) if due else 0,
            shown=finding.shown,
            fix=self._fixes.text(
                finding.control,
                Facts(
                    finding.subject,
                    verdict.observed,
                    directory,
                    cloud,
                    subscription,
                    tuple(map(str, remarks)),
                ),
            )
            if fails
            else "",
            directory=directory,
            cloud=cloud,
            subscription=subscription,
            known_with=_known_with(finding, self._units.get(finding.unit), self._unit_names)
            if has_same_reason
            else "",
            confirmed_at=self._confirmed_at(finding, verdict),
        )

    def _is_last_reading(self, finding: FindingRow, verdict: Verdict) -> bool:
        """Return False if the finding changed, or its unit was read, after the report's assessment.

        A reading can replace the reason in the row of the finding without a stored change: the verdict can stay unknown
        for another reason.
        """
        if not verdict.is_current or self._until is None:
            return verdict.is_current
        unit = self._last.get(finding.unit)
        return unit is not None and unit.assessment.number <= self._until

    def _confirmed_at(self, finding: FindingRow, verdict: Verdict) -> datetime | None:
        """Return when an assessment last confirmed the verdict: the last time at which the subscription or directory
        was read (`read_times`) or, if it is later, the time at which the watch changed the verdict.

        Return None for an unknown verdict, or if the time of the reading is not known.
        """
        read_at = self._read_at.get(finding.unit)
        if read_at is None or verdict.outcome == "unknown":
            return None
        return self._once(max(read_at, verdict.changed_at))

    def _subject(self, subject: str, name: str) -> str:
        if subject.count("/") > _SLASHES and subject[-37:-36] != "/" and subject[-1] != "/":
            # Skip `subject_text` in this usual case. It can return another text than `name` only for subscriptions,
            # directories, and subjects whose id ends with a GUID.
            return name
        return _shortest(subject_text(subject, name, self._names))

    def _written_sentence(self, text: str) -> str:
        return _shortest(sentence(text, self._names))

    def _observed_once(
        self, observed: Mapping[str, Any], remarks: Sequence[Any]
    ) -> tuple[Mapping[str, Any], str]:
        """Return the observed values and their text. Equal values share one object, to save memory."""
        key = repr((observed, remarks))
        found = self._observed.get(key)
        if found is None:
            text = _shortest(on_one_line(observed, self._names, self._zone, remarks))
            if len(self._observed) >= _SHARED_TEXTS:
                self._observed.clear()
            found = self._observed[key] = observed, text
        return found

    def _once[T: datetime | None](self, moment: T) -> T:
        """Return one shared object for equal times, to save memory."""
        if moment is None:
            return moment
        if len(self._times) >= _SHARED_TEXTS:
            self._times.clear()
        found: T = self._times.setdefault(moment, moment)
        return found


_SHARED_TEXTS: Final = 4096
# The number of slashes in the id of a subscription.
_SLASHES: Final = 2


def _shortest(text: Text) -> str:
    """Return the text as a plain string if all of its fragments are plain strings. A plain string needs less memory and
    becomes the same HTML.

    Return any other text unchanged: some of its fragments, such as names, have their own markup.
    """
    return text if any(type(fragment) is not str for fragment in text.fragments) else str(text)


def _known_with(finding: FindingRow, unit: Unit | None, unit_names: Mapping[str, str]) -> str:
    """Return a sentence about the permission or step that would make an unknown verdict known, or an empty text for any
    other verdict.

    `unit` is the unit in which the verdict was reached, None if there is none. The gaps of the unit show what could not
    be read.
    """
    if finding.outcome != Finding.Outcome.UNKNOWN:
        return ""
    place = unit_names.get(finding.unit, "")
    gaps, coverage = (unit.gaps, unit.coverage) if unit is not None else ([], {})
    needed = needed_for(finding.control, finding.unknown_because, gaps, place, coverage)
    return needed.sentence if needed else ""


def _current(tenant: Tenant, at: datetime) -> Iterator[tuple[FindingRow, Verdict]]:
    """Yield each finding with its current verdict, control by control."""
    rows = current_findings(tenant).order_by("control", "id").annotate(treated_state=shown_state(at))
    for values in rows.values_list(*_COLUMNS, "treated_state").iterator(chunk_size=_BATCH):
        row = FindingRow._make(values)
        yield (
            row,
            Verdict(
                row.outcome, row.observed, row.reason, row.changed_at, row.failing_since, is_current=True
            ),
        )


class _Change(NamedTuple):
    """A stored change of a finding. The fields are in the order in which the query selects the columns."""

    assessment: int
    at: datetime
    before: str
    after: str
    observed: dict[str, Any] | None
    reason: str


_CHANGE: Final = tuple(
    f"changes__{name}"
    for name in ("assessment__number", "at", "before_outcome", "after_outcome", "after_observed", "reason")
)


def _reconstructed(tenant: Tenant, assessment: Assessment) -> Iterator[tuple[FindingRow, Verdict]]:
    """Yield each finding that existed at the end of the assessment, with its verdict at that time.

    The findings are ordered by control.
    """
    rows = current_findings(tenant, gone=True).order_by("control", "id", "changes__assessment__number")
    values = rows.values_list(*_COLUMNS, *_CHANGE).iterator(chunk_size=_BATCH)
    width = len(_COLUMNS)
    for _, found in groupby(values, key=itemgetter(0)):
        of_finding = list(found)
        changes = [_Change._make(row[width:]) for row in of_finding if row[width] is not None]
        verdict = _verdict_at(changes, assessment.number)
        if verdict is not None:
            yield FindingRow(*of_finding[0][:width]), verdict


def _verdict_at(changes: list[_Change], assessment: int) -> Verdict | None:
    """Return the verdict at the end of the assessment, None if the finding did not exist then.

    `changes` are all changes of the finding, the oldest first. `assessment` is the number of the assessment.
    """
    history = [change for change in changes if change.assessment <= assessment]
    if not history or history[-1].after == "gone":
        return None
    last = history[-1]
    changed_at, failure = last.at, Failure()
    for change in history:
        failure.change(change.after, change.reason, change.at)
        if change.before != change.after:
            changed_at = change.at
    is_current = len(history) == len(changes)
    return Verdict(last.after, last.observed or {}, last.reason, changed_at, failure.since, is_current)


def _collection_times(hashes: set[str], tenant: Tenant) -> dict[str, datetime]:
    """Return {hash of a piece of evidence: when Surety first read exactly this content}."""
    rows = stored_evidence(tenant, {bytes.fromhex(sha) for sha in hashes})
    return dict(rows.values_list("sha256", "collected_at"))
