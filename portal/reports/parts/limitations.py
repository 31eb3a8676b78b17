"""Limitations: what the report does not say."""

from portal.reports.parts.part import Part, no_facts

PART = Part(
    key="limitations",
    position=100,
    title="Limitations",
    template="reports/pdf/limitations.html",
    gather=no_facts,
)
