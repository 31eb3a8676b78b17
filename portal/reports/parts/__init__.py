"""The parts of a report, in their order. The order numbers them in headings, contents and cross-references.

To add a part: write a module with its facts and its `PART`, a template in `templates/reports/pdf/`, a test, and add
it here.
"""

from typing import Any, Final

from portal.reports.parts import (
    attestations,
    changes,
    coverage,
    exceptions,
    identity,
    integrity,
    limitations,
    method,
    results,
    scope,
    summary,
)
from portal.reports.parts.part import Part

PARTS: Final[tuple[Part[Any], ...]] = (
    summary.PART,
    identity.PART,
    scope.PART,
    method.PART,
    coverage.PART,
    results.PART,
    exceptions.PART,
    attestations.PART,
    changes.PART,
    limitations.PART,
    integrity.PART,
)
