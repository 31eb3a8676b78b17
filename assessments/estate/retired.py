"""Features that Microsoft retired in some clouds. Plain data.

In a cloud that lost a feature, the controls that declare the feature are not applicable. Surety does not request the
collections of the feature's resource providers there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Feature(StrEnum):
    """A part of Azure that some clouds no longer have."""

    DEFENDER = "Microsoft Defender for Cloud"


PROVIDERS: dict[str, Feature] = {"Microsoft.Security": Feature.DEFENDER}
"""{resource provider: feature to which all of its resource types belong}"""


@dataclass(frozen=True, slots=True)
class Retirement:
    """When Microsoft retired a feature in a cloud, and a sentence that says so."""

    at: datetime
    reason: str


# Microsoft first planned to retire Defender for Cloud in Azure China on 18 August 2026, and then postponed this to
# the date below. Advanced Threat Protection of SQL ended too, because it is a part of Defender for Cloud. So the
# controls of Advanced Threat Protection declare Feature.DEFENDER, although they read data of Microsoft.Sql.
# https://learn.microsoft.com/azure/defender-for-cloud/support-matrix-defender-for-servers
# https://learn.microsoft.com/azure/azure-sql/database/threat-detection-overview
RETIRED: dict[str, dict[Feature, Retirement]] = {
    "AzureChinaCloud": {
        Feature.DEFENDER: Retirement(
            datetime(2026, 10, 1, tzinfo=UTC),
            "Microsoft retired Defender for Cloud in Azure China on 1 October 2026",
        ),
    },
}


def retirement(cloud: str, feature: Feature, now: datetime) -> str:
    """Return a sentence that says when a feature was retired in a cloud, or an empty string if the cloud still has the
    feature.

    `cloud` is a name of `tenants.cloud_table.CLOUDS`. `now` is the time at which Azure is read. For stored evidence,
    `now` is the time at which the evidence was read.
    """
    found = RETIRED.get(cloud, {}).get(feature)
    return found.reason if found is not None and now >= found.at else ""


def missing_features(cloud: str, now: datetime) -> frozenset[Feature]:
    """Return the features that a cloud lacks at the time `now`."""
    return frozenset(feature for feature in RETIRED.get(cloud, {}) if retirement(cloud, feature, now))


def retirement_note(feature: Feature) -> str:
    """Return a sentence for each cloud that lost the feature. The documentation of controls that need the feature
    contains these sentences.
    """
    reasons = [features[feature].reason for features in RETIRED.values() if feature in features]
    return " ".join(f"Not applicable in clouds without this feature: {reason}." for reason in reasons)
