"""The part “Sign-off and distribution”. It says who prepared the report, and has space for the names of people who
review, accept and receive the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.reports.parts.part import Part, ReportFacts, no_facts

# The labels of the rows in which people sign by hand.
ROLES: Final = (
    gettext_noop("Reviewed by"),
    gettext_noop("Accepted for the customer by"),
    gettext_noop("Accepted by the risk owner"),
)
# The number of empty rows in which people enter the recipients by hand.
RECIPIENTS: Final = 6


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    return {"roles": ROLES, "recipients": range(1, RECIPIENTS + 1)}


PART = Part(
    "sign_off",
    gettext_noop("Sign-off and distribution"),
    gather=no_facts,
    context=_context,
    kinds=("full", "period"),
    position=290,
)
