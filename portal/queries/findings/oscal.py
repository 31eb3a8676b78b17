"""Export findings as OSCAL assessment results 1.1.2, NIST's model in JSON, as reports do (see `portal.files.oscal`).

- Each exported finding is an observation. The property `state` of the observation has the state after treatment.
- Each exported finding is also an OSCAL finding, unless the verdict is not applicable or the finding is gone. The
  target of the OSCAL finding is the control, but the status is about one subject only. If it were about all subjects of
  the control, a filter that excludes the failing subjects would turn a failure into a pass.
- The status is satisfied only for a pass. For unknown and manual verdicts, it is not-satisfied with the reason `other`,
  even if attested.
- An exception that covers an exported finding is a risk with the status `deviation-approved`.

Ids of observations and OSCAL findings derive from the finding's id, so they are the same in every export. The id of the
document is new in each export.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from itertools import chain
from tempfile import TemporaryFile
from typing import Any, Final
from uuid import UUID, uuid4

from trestle.core.base_model import OscalBaseModel
from trestle.oscal.assessment_results import AssessmentResults, Result
from trestle.oscal.common import AssociatedRisk, Risk
from trestle.oscal.common import Finding as OscalFinding

from assessments.controls.registry import catalogue_hash, known_controls
from assessments.models import Finding
from assessments.selectors import last_read_times
from assessments.version import VERSION
from portal.files import oscal
from portal.files.oscal import derived_id, line, moment, plain, prop, related, text
from portal.queries.findings.export import Exported
from portal.queries.findings.json_lines import json_array
from portal.treatment.models import FindingException
from portal.treatment.states import ShownState
from tenants.models import Tenant

_BLOCK: Final = 2**16


def oscal_results(
    rows: Iterable[Exported], tenant: Tenant, now: datetime, *, filters: str = ""
) -> Iterator[bytes]:
    """Yield the document, some lines at a time. `filters` is the query string that chose the findings.

    OSCAL lists observations, findings and risks one after the other. While observations are sent, findings and risks
    are collected in temporary files, so memory is bounded. Members of the document that depend on the findings follow
    at the end.
    """
    # With `whole`, assessments of the watch do not count: they read only resources that somebody changed, so they do
    # not confirm the verdicts on other resources.
    with closing(_Results(last_read_times(tenant.pk, whole=True))) as results:
        yield b'{"assessment-results":{"results":[{'
        remaining = iter(rows)
        if (first := next(remaining, None)) is not None:
            yield b'"observations":'
            yield from json_array(map(results.add, chain([first], remaining)))
            yield b","
        for name, spilled in (("findings", results.findings), ("risks", results.risks)):
            if spilled.is_filled:
                yield f'"{name}":'.encode()
                yield from spilled.pieces()
                yield b","
        content = plain(_document(tenant, results, now, filters))
        (result,) = content.pop("results")
        # The opening brackets of the objects `assessment-results` and `result` were sent above. So send only the
        # remaining members of these two objects here.
        yield _encoded(result)[1:] + b"]," + _encoded(content)[1:] + b"}\n"


def _document(tenant: Tenant, results: _Results, now: datetime, filters: str) -> AssessmentResults:
    """Return the document without the lists that have already been sent."""
    base = uuid4()
    started, ended = results.span(now)
    result = Result(
        uuid=derived_id(base, "result"),
        title=line(f"Findings of {tenant.name}"),
        description=text(
            f"This document contains the findings of {tenant.name} in Microsoft Azure that match the filters, as of"
            f" {moment(now)}."
        ),
        start=moment(started),
        end=moment(ended),
        props=[prop("catalogue-sha256", catalogue_hash()), prop("filters", filters)],
        reviewed_controls=oscal.reviewed_controls(results.controls()),
    )
    return oscal.document(
        base,
        result,
        title=f"Findings of {tenant.name}",
        at=now,
        version=moment(now),
        catalogue=f"Surety {VERSION}, catalogue SHA-256 {catalogue_hash()}.",
    )


class _Results:
    """A converter of exported findings into observations. It also collects the OSCAL findings and risks that refer to
    the observations.
    """

    def __init__(self, read_at: Mapping[str, datetime]) -> None:
        self._read_at = read_at
        self.findings, self.risks = _SpilledArray(), _SpilledArray()
        self._exceptions: set[UUID] = set()
        self._controls: set[str] = set()
        self._first: datetime | None = None
        self._last: datetime | None = None

    def close(self) -> None:
        """Delete the temporary files."""
        self.findings.close()
        self.risks.close()

    def add(self, row: Exported) -> dict[str, Any]:
        """Return the observation of a finding. Add its OSCAL finding and risk to `findings` and `risks`."""
        found, fields = row.finding, row.fields
        collected = self._collected(found)
        self._first = min(self._first or collected, collected)
        self._last = max(self._last or collected, collected)
        uuid = derived_id(found.pk, "observation")
        if found.outcome != Finding.Outcome.NOT_APPLICABLE and not found.gone_at:
            self._controls.add(found.control)
            self.findings.append(_finding(row, uuid, self._risks_of(found)))
        seen = oscal.observation(
            uuid,
            title=f"{found.control} on {fields['subject_name']}",
            description=fields["found"] or found.outcome,
            outcome=found.outcome,
            props=(
                ("severity", found.severity),
                ("control", found.control),
                ("subject", found.subject),
                ("subject-name", fields["subject_name"]),
                ("resource-type", found.subject_type),
                ("unit", found.unit),
                ("observed-sha256", found.observed_sha256),
                ("state", found.shown),
                ("owner", fields["owner_email"] or ""),
            ),
            collected=collected,
            evidence=found.evidence,
            remarks=row.remarks,
        )
        return plain(seen)

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the earliest and the latest of the times of all added findings (`_collected`). If no finding was
        added, both times are `now`.
        """
        return self._first or now, self._last or now

    def controls(self) -> list[str]:
        """Return the slugs of the controls with a finding, in order."""
        return sorted(self._controls)

    def _collected(self, found: Finding) -> datetime:
        """Return the last time at which a reading of the subscription or directory confirmed the finding's verdict. For
        an unknown verdict, return when the finding last changed. For a gone finding, return when an assessment found
        that its subject is gone.
        """
        if found.gone_at:
            return found.gone_at
        read_at = self._read_at.get(found.unit)
        if found.outcome == Finding.Outcome.UNKNOWN or read_at is None:
            return found.changed_at
        return max(found.changed_at, read_at)

    def _risks_of(self, found: Any) -> list[AssociatedRisk] | None:
        """Return a reference to the risk of the exception that covers the finding, or None if no exception covers the
        finding. Add this risk to `risks` if it is not there yet.
        """
        exception = found.treatment.exception if found.shown == ShownState.EXCEPTED else None
        if exception is None:
            return None
        if exception.pk not in self._exceptions:
            self._exceptions.add(exception.pk)
            self.risks.append(_risk(exception))
        return [AssociatedRisk(risk_uuid=_risk_id(exception))]


class _SpilledArray:
    """A JSON array in a temporary file, so that no item stays in memory."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="surety-export-")  # noqa: SIM115 - `close` closes it
        self.is_filled = False

    def append(self, item: OscalBaseModel) -> None:
        """Write the item to the file, on a line of its own."""
        self._file.write((b",\n" if self.is_filled else b"[\n") + _encoded(plain(item)))
        self.is_filled = True

    def pieces(self) -> Iterator[bytes]:
        """Yield the array, which must not be empty. Nothing can be appended afterwards."""
        self._file.seek(0)
        while block := self._file.read(_BLOCK):
            yield block
        yield b"\n]"

    def close(self) -> None:
        """Delete the file."""
        self._file.close()


def _finding(row: Exported, observation: str, risks: list[AssociatedRisk] | None) -> OscalFinding:
    found, control = row.finding, known_controls().get(row.finding.control)
    return OscalFinding(
        uuid=derived_id(found.pk, "finding"),
        title=line(f"{control.title if control else found.control}: {row.fields['subject_name']}"),
        description=text(row.fields["expected"] or found.control),
        target=oscal.target(found.control, found.outcome),
        related_observations=related([observation]),
        related_risks=risks,
    )


def _risk(exception: FindingException) -> Risk:
    return Risk(
        uuid=_risk_id(exception),
        title=f"Exception {exception.number}",
        description=f"Failures accepted until {moment(exception.ends_at)}. Maximum number: {exception.maximum}.",
        statement=text(exception.reason),
        props=[prop("starts", moment(exception.starts_at))],
        status="deviation-approved",
        deadline=moment(exception.ends_at),
    )


def _risk_id(exception: FindingException) -> str:
    return derived_id(exception.tenant_id, f"exception:{exception.number}")


def _encoded(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
