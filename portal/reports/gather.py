"""Gather a report's facts inside the tenant's scope, without rendering or writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.reports.branding.selectors import logo_of
from portal.reports.facts.source import read_source
from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.models import Report
from portal.reports.parts import PARTS
from portal.reports.parts.part import Part, ReportFacts


def gather_facts(report: Report, signing: SigningIdentity, parts: Sequence[Part[Any]] = PARTS) -> ReportFacts:
    """Return the facts of the given parts, as of the report's assessment."""
    source = read_source(report, signing)
    return ReportFacts({part.key: part.gather(source) for part in parts}, logo_of(report.branding))
