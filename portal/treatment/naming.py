"""Names of controls and findings for people.

A failing finding is named by the control's problem, any other finding by the control's title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from assessments.controls.registry import known_controls
from assessments.display.names import Names
from assessments.display.subjects import subject_text
from assessments.models import Finding
from assessments.presentation.finding_names import place_names
from tenants.models import Tenant

_END_OF_SENTENCE = re.compile(r"(?<=\.)\s")
# This pattern finds the name of the resource that contains a resource with the name `default`: `vnet-hub` in
# ``…/virtualNetworks/vnet-hub/subnets/default``.
_PARENT = re.compile(r"/providers/[^/]+/(?:[^/]+/[^/]+/)*[^/]+/([^/]+)/[^/]+/default$", re.IGNORECASE)


def control_title(slug: str) -> str:
    """Return the control's title ("SSH is not open to the Internet"), or the slug if the catalogue lacks the
    control.
    """
    control = known_controls().get(slug)
    return control.title if control else slug


def control_problem(slug: str) -> str:
    """Return the control's problem ("SSH open to the Internet"), or the slug if the catalogue lacks the control."""
    control = known_controls().get(slug)
    return control.problem if control else slug


def why_it_matters(slug: str) -> str:
    """Return the first sentence about why the control matters. Return an empty text if the catalogue lacks the
    control.
    """
    control = known_controls().get(slug)
    return _first_sentence(control.why) if control else ""


def cost_of_fix(slug: str) -> str:
    """Return the first sentence about the costs of the fix. Return an empty text if the fix names no cost."""
    control = known_controls().get(slug)
    return _first_sentence(control.fix.cost) if control else ""


def _first_sentence(text: str) -> str:
    return _END_OF_SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]


def finding_title(slug: str, outcome: str) -> str:
    """Return the control's problem if the finding fails, and the control's title if it does not fail."""
    return control_problem(slug) if outcome == Finding.Outcome.FAIL else control_title(slug)


def finding_label(finding: Finding) -> str:
    """Name a finding in a stored sentence: ``“SSH open to the Internet” on nsg-web``."""
    return label_with(finding, names_for_storing(finding.tenant_id, [finding]))


def names_for_storing(tenant: Tenant | UUID, findings: Sequence[Finding]) -> Names:
    """Return the names of subscriptions and directories, for texts that are stored or sent, such as notices.

    Names of directory objects, such as users, are left out. People can erase these names (`manage.py erase_names`), so
    stored texts contain the ids of the objects instead.
    """
    return Names((), place_names(tenant, [finding.subject for finding in findings]))


def label_with(finding: Finding, names: Names) -> str:
    """Name a finding in a sentence. `names` are the names of subjects.

    To name several findings, read `names` once and pass them to each call. A resource with the name “default” is named
    with its parent: ``vnet-hub/default``.
    """
    subject = subject_text(finding.subject, finding.subject_name, names)
    if str(subject).lower() == "default" and (parent := _PARENT.search(finding.subject)):
        return f"“{finding_title(finding.control, finding.outcome)}” on {parent[1]}/{subject}"
    return f"“{finding_title(finding.control, finding.outcome)}” on {subject}"


def count_of_findings(count: int) -> str:
    """Return "1 finding" or "3 findings"."""
    return "1 finding" if count == 1 else f"{count} findings"
