"""The part “Limitations”, which says what the report does not show."""

from django.utils.translation import gettext_noop

from portal.reports.kinds import WITH_COVER
from portal.reports.parts.part import Part, no_facts

PART = Part(
    "limitations",
    gettext_noop("Limitations"),
    gather=no_facts,
    kinds=WITH_COVER,
    position=270,
)
