"""Limitations of the report."""

from portal.reports.parts.part import Part, no_facts

PART = Part("limitations", "Limitations", gather=no_facts)
