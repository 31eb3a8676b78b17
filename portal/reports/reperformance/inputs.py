"""What is needed, besides the evidence, to judge a unit again. The evidence manifest of a report contains it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from assessments.estate.estate import UnitKind
from assessments.export.judging import RecordedUnit
from assessments.models import Unit

JUDGING: Final = "judging"
"""The key of a list in the evidence manifest. The list has one entry for each unit, in the order of `units`."""
SHORT_HASH: Final = 12
"""The number of hexadecimal digits of the shortened hashes in the results.csv of a large report."""


def judging_of(unit: Unit) -> dict[str, Any]:
    """Return the unit's entry in the list `judging` of the evidence manifest.

    The entry has the unit's identity, the time as of which the unit was judged, the catalogue of controls that judged
    it, the customer's parameters and the gaps. The watch judges only some controls again. If the watch made the unit,
    `judged_at` is {control: time} of the controls that were judged as of an earlier time.
    """
    earlier = unit.coverage.get("judged_at", {})
    judged_at = {slug: datetime.fromisoformat(at) for slug, at in sorted(earlier.items())}
    return {
        "unit": unit.scope_id,
        "assessment": unit.assessment.number,
        "kind": unit.kind,
        "azure_id": unit.azure_id,
        "directory": unit.directory.directory_id,
        "cloud": unit.directory.cloud_name,
        "now": unit.started_at or unit.assessment.created_at,
        "catalogue_hash": unit.assessment.catalogue_hash,
        "parameters": unit.assessment.parameters,
        "gaps": unit.gaps,
        **({"judged_at": judged_at} if judged_at else {}),
    }


def recorded_unit(judging: Mapping[str, Any], manifest: Mapping[str, Any]) -> RecordedUnit:
    """Return the data from which a unit is judged again.

    `judging` is the unit's entry from `judging_of`, parsed from JSON. `manifest` is the unit's own manifest, which
    refers to evidence by hash.
    """
    return RecordedUnit(
        kind=UnitKind(judging["kind"]),
        unit_id=judging["azure_id"],
        directory_id=judging["directory"],
        cloud=judging["cloud"],
        now=datetime.fromisoformat(judging["now"]),
        subscriptions=tuple(manifest.get("subscriptions", ())),
        answers=manifest.get("answers", {}),
        gaps=tuple(judging["gaps"]),
        parameters=judging["parameters"],
        judged_at={slug: datetime.fromisoformat(at) for slug, at in judging.get("judged_at", {}).items()},
    )
