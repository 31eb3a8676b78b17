"""Write findings. There is one `Finding` for each control and subject. If its verdict changes, a `FindingChange` is
added to its history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from assessments.actions.units.inventory import BATCH, key_of
from assessments.controls.declare import SWITCHED_OFF, Control
from assessments.controls.profiles import REMOVED, is_off, off_verdict, says_off
from assessments.controls.registry import OWN_PREFIX, catalogue
from assessments.controls.verdict import Outcome
from assessments.estate.ids import name_of, resource_group_of, type_of
from assessments.evaluate import Result
from assessments.models import Finding, FindingChange, Unit

SEVERITIES = list(Finding.Severity.values)
WRITTEN = [
    "section", "severity", "severity_rank", "subject", "subject_name", "subject_type", "unit",
    "resource_group", "outcome", "state", "reason", "expected", "observed", "observed_sha256", "remarks",
    "unknown_because", "evidence", "changed_at", "failing_since", "gone_at", "is_gone_by_exclusion",
]  # fmt: skip
_STATES = {
    Outcome.FAIL: Finding.State.OPEN,
    Outcome.PASS: Finding.State.PASSING,
    Outcome.MANUAL: Finding.State.MANUAL,
    Outcome.UNKNOWN: Finding.State.UNKNOWN,
    Outcome.NOT_APPLICABLE: Finding.State.NOT_APPLICABLE,
}


# The columns of a verdict besides its outcome. If two units judge the same finding, the unit that owns the finding
# (`Finding.unit`) writes these columns to the finding's row. The other unit stores its own verdict in `Unit.coverage`.
_SHARED = (
    "severity",
    "reason",
    "expected",
    "observed",
    "observed_sha256",
    "remarks",
    "unknown_because",
    "evidence",
)


def _columns(result: Result) -> dict[str, Any]:
    """Return the columns of a result as JSON: the outcome and the columns that `_SHARED` names."""
    return {
        "outcome": str(result.verdict.outcome),
        "severity": str(result.severity),
        "reason": result.verdict.reason,
        "expected": result.expected,
        "observed": dict(result.observed),
        "observed_sha256": result.observed_sha256,
        "remarks": list(result.verdict.remarks),
        "unknown_because": str(result.verdict.unknown_because or ""),
        "evidence": [item.sha256 for item in result.evidence],
    }


def subject_type(declared: str, subject: str) -> str:
    """Return the type of a subject. `declared` is the control's `subject_type`, which can name several types.

    The returned type is spelled as in `declared`, because the ids of Azure spell types in several ways.
    """
    kind = type_of(subject).casefold()
    named = (word.strip(",") for word in declared.split())
    return next((name for name in named if name.casefold() == kind), declared)


class FindingsWriter:
    """Writes the results of one unit in batches, in a transaction that holds `Lock.VERDICTS`."""

    def __init__(self, *, unit: Unit, at: datetime) -> None:
        self.unit = unit
        self.at = at
        self._touched: set[UUID] = set()
        # {control: unknown result with the reason} for each control of which some subjects could not be listed.
        self._incomplete: dict[str, Result] = {}
        siblings = list(Unit.objects.filter(assessment_id=unit.assessment_id))
        self._siblings = {sibling.scope_id for sibling in siblings}
        # Findings that other units of the assessment have judged: {finding: (scope id of the other unit, its verdict)}.
        # The verdict is stored as in `self.shared` (below).
        self._judged_by_siblings: dict[str, tuple[str, Any]] = {
            finding: (sibling.scope_id, verdict)
            for sibling in siblings
            for finding, verdict in sibling.coverage.get("shared", {}).items()
        }
        # {finding: verdict} of findings that this unit judged but another unit owns. If this unit's outcome and
        # observed value are those of the row, `verdict` is only the outcome. Otherwise, it is the result of `_columns`.
        self.shared: dict[str, str | dict[str, Any]] = {}
        self._pending: list[Result] = []
        self.changes = 0

    def add(self, result: Result) -> None:
        """Queue a result; results are written in batches."""
        if result.verdict.outcome is Outcome.UNKNOWN and result.subject == self.unit.scope_id:
            self._incomplete[result.control.slug] = result
        self._pending.append(result)
        if len(self._pending) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the pending results."""
        results, self._pending = self._pending, []
        keys = {key_of(result.subject) for result in results}
        slugs = {result.control.slug for result in results}
        known = {
            (row.control, row.subject_key): row
            for row in Finding.objects.filter(control__in=slugs, subject_key__in=keys)
        }
        made: list[Finding] = []
        updated: list[Finding] = []
        changes: list[FindingChange] = []
        for result in results:
            row = known.get((result.control.slug, key_of(result.subject)))
            if row is None:
                row = Finding(
                    tenant_id=self.unit.tenant_id,
                    control=result.control.slug,
                    subject_key=key_of(result.subject),
                    first_seen_at=self.at,
                    changed_at=self.at,
                )
                self._fill(row, result, was=None)
                made.append(row)
                changes.append(self._change(row, before="", before_observed=None))
            elif row.unit != self.unit.scope_id and row.unit in self._siblings and row.gone_at is None:
                # Another unit of this assessment judges this finding and owns its row.
                same = (str(result.verdict.outcome), result.observed_sha256) == (
                    row.outcome,
                    row.observed_sha256,
                )
                self.shared[str(row.pk)] = row.outcome if same else _columns(result)
                continue
            else:
                change = self._update(row, result)
                if change is not None:
                    updated.append(row)
                    if change:
                        changes.append(change[0])
            self._touched.add(row.pk)
        Finding.objects.bulk_create(made, batch_size=BATCH)
        self._rewrite(updated)
        self._write_changes(changes)

    @staticmethod
    def _rewrite(rows: list[Finding]) -> None:
        """Update existing rows with an upsert by id, which is eight times as fast as `bulk_update`."""
        Finding.objects.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN
        )

    def close(self, controls: Iterable[Control]) -> None:
        """Write the pending results. Then update the unit's findings for which no result was added.

        If another unit of the assessment judged such a finding, this other unit becomes its owner. Otherwise, the
        finding becomes gone or, if not all subjects of its control could be listed, unknown.
        """
        self.flush()
        rows = Finding.objects.filter(
            unit=self.unit.scope_id, control__in=[c.slug for c in controls], gone_at__isnull=True
        )
        missing = [row for row in rows if row.pk not in self._touched]
        changes: list[FindingChange] = []
        updated: list[Finding] = []
        parameters = self.unit.assessment.parameters
        for row in missing:
            result = self._incomplete.get(row.control)
            before, before_observed = row.outcome, row.observed
            sibling, verdict = self._judged_by_siblings.get(str(row.pk), ("", ""))
            if verdict == row.outcome:
                row.unit = sibling
            elif isinstance(verdict, dict):
                self._take_over(row, sibling, verdict)
                changes.append(self._change(row, before, before_observed))
            elif result is None:
                row.gone_at = self.at
                row.state = Finding.State.GONE
                row.changed_at = self.at
                reason = "No longer present in Azure."
                if is_off(row.control, parameters):
                    # Switching a control off solves no problem. If the subject still fails when the control is switched
                    # on again, the finding counts as failing without interruption, so its due date stays.
                    row.is_gone_by_exclusion = True
                    reason = off_verdict(parameters[row.control][SWITCHED_OFF]).reason
                changes.append(self._change(row, before, before_observed, after="gone", reason=reason))
            elif row.outcome != Outcome.UNKNOWN:
                # Not all subjects could be listed, so this subject may still exist. Its verdict becomes unknown, even
                # if it was a pass.
                self._become_unknown(row, result)
                changes.append(self._change(row, before, before_observed))
            else:
                continue
            updated.append(row)
        self._rewrite(updated)
        self._write_changes(changes)
        self._forget_exclusion(controls)

    def end_removed_controls(self, controls: Iterable[Control]) -> None:
        """End the unit's findings of controls that are no longer in the catalogue, because no control judges these
        findings any more. Findings of own controls are left out: `close` ends them if their control is retired.
        """
        judged = {control.slug for control in controls}
        rows = Finding.objects.filter(unit=self.unit.scope_id, gone_at__isnull=True)
        removed = rows.exclude(control__in=judged | set(catalogue())).exclude(control__startswith=OWN_PREFIX)
        updated: list[Finding] = []
        changes: list[FindingChange] = []
        for row in removed:
            changes.append(self._change(row, row.outcome, row.observed, after="gone", reason=REMOVED))
            row.gone_at = row.changed_at = self.at
            row.state = Finding.State.GONE
            # If a later version of Surety has the control again, a failure counts as uninterrupted.
            row.is_gone_by_exclusion = True
            updated.append(row)
        self._rewrite(updated)
        self._write_changes(changes)

    def _take_over(self, row: Finding, sibling: str, verdict: dict[str, Any]) -> None:
        """Make the unit with the scope id `sibling` the owner of the finding, and write the verdict of that unit."""
        row.unit = sibling
        if row.outcome != verdict["outcome"]:
            row.changed_at = self.at
        self._judge(row, verdict, row.outcome)

    def _forget_exclusion(self, controls: Iterable[Control]) -> None:
        """Unset `is_gone_by_exclusion` of findings that are still gone after their unit was read completely.

        These findings became gone when their subscription was excluded or their control was switched off. Now the
        complete reading shows that their subjects no longer exist.
        """
        parameters = self.unit.assessment.parameters
        complete = [
            control.slug
            for control in controls
            if control.slug not in self._incomplete and not is_off(control.slug, parameters)
        ]
        rows = Finding.objects.filter(unit=self.unit.scope_id, control__in=complete, state=Finding.State.GONE)
        rows.filter(is_gone_by_exclusion=True).update(is_gone_by_exclusion=False)

    def _write_changes(self, changes: list[FindingChange]) -> None:
        """Write one change per finding and assessment, even if several units have judged the finding."""
        FindingChange.objects.bulk_create(
            changes,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["finding", "assessment"],
            update_fields=["at", "after_outcome", "after_observed", "reason", "severity_rank"],
        )
        FindingChange.objects.filter(
            assessment_id=self.unit.assessment_id,
            finding__in=[change.finding_id for change in changes if change.before_outcome],
            before_outcome=F("after_outcome"),
            before_observed=F("after_observed"),
        ).delete()
        self.changes += len(changes)

    def _update(self, row: Finding, result: Result) -> tuple[FindingChange] | tuple[()] | None:
        """Write the result to the row. Return (change,) if the verdict changed, () if only other columns changed, and
        None if nothing changed.
        """
        before, before_observed, before_hash = row.outcome, row.observed, row.observed_sha256
        was_gone = row.gone_at is not None
        old = [getattr(row, name) for name in WRITTEN]
        was_off = not was_gone and says_off(before, before_observed)
        self._fill(row, result, was=before if not was_gone else "gone")
        if was_off and row.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
            row.failing_since = self._failing_before_off(row) or row.failing_since
        if was_gone or before != row.outcome or before_hash != row.observed_sha256:
            if was_gone or before != row.outcome:
                row.changed_at = self.at
            return (self._change(row, "gone" if was_gone else before, before_observed),)
        return () if old != [getattr(row, name) for name in WRITTEN] else None

    def _fill(self, row: Finding, result: Result, was: str | None) -> None:
        row.section = result.control.section
        row.subject = result.subject
        row.subject_name = name_of(result.subject)[:300]
        row.subject_type = subject_type(result.control.subject_type, result.subject)[:200]
        row.unit = self.unit.scope_id
        row.resource_group = resource_group_of(result.subject)[:100]
        row.gone_at = None
        self._judge(row, _columns(result), was)
        row.is_gone_by_exclusion = False

    def _judge(self, row: Finding, columns: dict[str, Any], was: str | None) -> None:
        """Write a verdict, as `_columns` returns it, to the row. `was` is the previous outcome, "gone" for a finding
        that was gone, or None for a new finding.
        """
        for name in _SHARED:
            setattr(row, name, columns[name])
        row.severity_rank = SEVERITIES.index(row.severity)
        self._decide(row, Outcome(columns["outcome"]), was)

    def _decide(self, row: Finding, outcome: Outcome, was: str | None) -> None:
        failed_before = (
            was == Outcome.FAIL
            or row.failing_since is not None
            or row.state in (Finding.State.OPEN, Finding.State.RESOLVED)
        )
        row.outcome = str(outcome)
        row.state = _STATES[outcome]
        if outcome is Outcome.PASS and failed_before:
            row.state = Finding.State.RESOLVED
        if was == "gone" and not row.is_gone_by_exclusion:
            # The subject was gone, so a new failure does not continue an earlier failure.
            row.failing_since = None
        if outcome is Outcome.FAIL:
            row.failing_since = row.failing_since or self.at
        elif outcome is not Outcome.UNKNOWN:
            row.failing_since = None

    @staticmethod
    def _failing_before_off(row: Finding) -> datetime | None:
        """If the finding was failing when its control was switched off, return the time since which it had been
        failing. Otherwise, return None.

        If the finding still fails when the control is switched on again, the caller restores this time as
        `failing_since`, so the due date does not change.
        """
        changes = FindingChange.objects.filter(finding=row).order_by("-at", "-pk")
        since = None
        for at, before, after, observed in changes.values_list(
            "at", "before_outcome", "after_outcome", "after_observed"
        ):
            if since is None and says_off(after, observed or {}):
                continue
            if after == Outcome.FAIL:
                since = at
            elif after != Outcome.UNKNOWN:
                break
            if before not in (Outcome.FAIL, Outcome.UNKNOWN):
                break
        return since

    def _become_unknown(self, row: Finding, result: Result) -> None:
        row.reason = f"Could not be checked again: {result.verdict.reason}"
        row.unknown_because = str(result.verdict.unknown_because)
        row.changed_at = self.at
        row.remarks = []
        self._decide(row, Outcome.UNKNOWN, row.outcome)

    def _change(
        self, row: Finding, before: str, before_observed: Any, *, after: str = "", reason: str = ""
    ) -> FindingChange:
        return FindingChange(
            tenant_id=self.unit.tenant_id,
            finding=row,
            assessment_id=self.unit.assessment_id,
            at=self.at,
            before_outcome=before,
            after_outcome=after or row.outcome,
            before_observed=before_observed,
            after_observed=None if after else row.observed,
            reason=reason or row.reason,
            severity_rank=row.severity_rank,
        )
