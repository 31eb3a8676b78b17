"""A finding as it is named to people: by its control's title, and not by the control's key."""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.models import Finding


def control_title(finding: Finding) -> str:
    """The title of its control; the key of one that the catalogue no longer has."""
    control = catalogue().get(finding.control)
    return control.title if control else finding.control


def finding_label(finding: Finding) -> str:
    """``“SSH (tcp/22) not open to the Internet” on nsg-web``"""
    return f"“{control_title(finding)}” on {finding.subject_name}"
