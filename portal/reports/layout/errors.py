"""Errors of the layout of reports."""

from __future__ import annotations


class UnknownMarkup(ValueError):
    """A template has an HTML element or class that reports cannot show. Add the element or class to
    `portal.reports.layout`.
    """
