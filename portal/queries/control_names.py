"""Name of a control in lists: its problem where it fails, its title where it does not."""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.models import Finding


def control_title(slug: str) -> str:
    """Return what should hold ("SSH is not open to the Internet"); the slug if the catalogue lacks the control."""
    control = catalogue().get(slug)
    return control.title if control else slug


def control_problem(slug: str) -> str:
    """Return what is wrong ("SSH open to the Internet"); the slug if the catalogue lacks the control."""
    control = catalogue().get(slug)
    return control.problem if control else slug


def finding_title(slug: str, outcome: str) -> str:
    """Return the problem for a failing finding, else the control's title."""
    return control_problem(slug) if outcome == Finding.Outcome.FAIL else control_title(slug)
