"""Errors of the layout of reports."""

from __future__ import annotations


class UnknownMarkup(ValueError):
    """A template has an element or a class that reports cannot show. Add it to `portal.reports.layout`."""
