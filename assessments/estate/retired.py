"""Features that Microsoft retired in a cloud, although the cloud's other services go on. Plain data."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """A part of Azure that some clouds no longer have."""

    DEFENDER = "Microsoft Defender for Cloud"


# Announced for 2026-08-18 and then postponed. Advanced Threat Protection of SQL is a part of Defender for Cloud.
# https://learn.microsoft.com/azure/defender-for-cloud/support-matrix-defender-for-servers
# https://learn.microsoft.com/azure/azure-sql/database/threat-detection-overview
RETIRED: dict[str, dict[Feature, str]] = {
    "AzureChinaCloud": {
        Feature.DEFENDER: "Microsoft retired Defender for Cloud in Azure China on 1 October 2026",
    },
}
"""For each cloud, a sentence about each feature that it no longer has."""


def retirement(cloud: str, feature: Feature) -> str:
    """Return a sentence that says when a feature was retired in a cloud, or an empty string.

    `cloud` is a name of `tenants.cloud_table.CLOUDS`.
    """
    return RETIRED.get(cloud, {}).get(feature, "")


def retirement_note(feature: Feature) -> str:
    """Return what the documentation of a control says about the clouds that no longer have its feature."""
    reasons = [features[feature] for features in RETIRED.values() if feature in features]
    return " ".join(f"Not applicable in clouds without this feature: {reason}." for reason in reasons)
