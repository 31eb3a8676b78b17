"""Define the api-versions that national clouds support. A national cloud gets new api-versions later than the public
cloud.

The list of a cloud contains a type only if Surety reads the type and the cloud lacks the newest api-version of the
type. Sources are the change logs of the clouds' Bicep types and, for `pricings` in China, a recorded answer.
`assessments.collect.http.api_versions` describes the format.
"""

from __future__ import annotations

from typing import Any

_NETWORK = ["2023-09-01", "2023-06-01", "2022-07-01", "2021-08-01", "2019-11-01"]
_STORAGE = ["2023-01-01", "2022-09-01", "2021-09-01", "2021-06-01", "2019-06-01"]
_COMPUTE = ["2023-03-01", "2022-11-01", "2021-11-01", "2021-07-01"]
_DISKS = ["2023-01-02", "2022-07-02", "2021-12-01", "2020-12-01"]
_SQL = ["2023-08-01", "2021-11-01", "2014-04-01"]
_PRICINGS = ["2023-01-01", "2022-03-01", "2018-06-01", "2017-08-01-preview"]

# Microsoft retired Defender for Cloud in Azure China. Source:
# https://learn.microsoft.com/azure/defender-for-cloud/support-matrix-defender-for-servers
WITHOUT_DEFENDER = frozenset({"AzureChinaCloud"})
# Controls that do not apply in a cloud without Defender for Cloud. They include the sql-threat-* controls, because
# Advanced Threat Protection of SQL is a part of Defender for Cloud.
DEFENDER_CONTROLS = (
    "aks-defender",
    "defender-acr-scan",
    "defender-acr-vulns",
    "defender-alerts-exported",
    "defender-agentless-k8s",
    "defender-agentless-machines",
    "defender-container-components",
    "defender-contact-alert-severity",
    "defender-contact-attack-path",
    "defender-contact-email",
    "defender-contact-owner",
    "defender-contact-phone",
    "defender-fim",
    "defender-iot",
    "defender-mcas",
    "defender-no-open-recommendations",
    "defender-plan-apis",
    "defender-plan-appservice",
    "defender-plan-arm",
    "defender-plan-containers",
    "defender-plan-cspm",
    "defender-plan-databases",
    "defender-plan-dns",
    "defender-plan-keyvault",
    "defender-plan-servers",
    "defender-plan-storage",
    "defender-policy-all-recommendations",
    "defender-recommendations-review",
    "defender-running-image-vulns",
    "defender-vm-data-collection",
    "defender-vulnerability-assessment",
    "defender-wdatp",
    "sql-threat-alerts-contact",
    "sql-threat-alerts-owners",
    "sql-threat-detection",
    "sql-threat-detection-types",
    "vm-jit",
    "sql-va",
    "sql-va-admin-mail",
    "sql-va-recurring",
    "sql-va-reports",
)

CLOUDS: dict[str, dict[str, Any]] = {
    "AzureUSGovernment": {
        "location": "usgovvirginia",
        "versions": {
            "Microsoft.Network": _NETWORK,
            "Microsoft.Storage": _STORAGE,
            "Microsoft.Compute": _COMPUTE,
            "Microsoft.Compute/disks": _DISKS,
            "Microsoft.Compute/snapshots": _DISKS,
            "Microsoft.Sql": _SQL,
        },
    },
    "AzureChinaCloud": {
        "location": "chinaeast2",
        "versions": {
            "Microsoft.Network": _NETWORK[1:],
            "Microsoft.Storage": _STORAGE[1:],
            "Microsoft.Compute": _COMPUTE[1:],
            "Microsoft.Compute/disks": _DISKS[1:],
            "Microsoft.Compute/snapshots": _DISKS[1:],
            "Microsoft.Sql": _SQL,
            "Microsoft.Security/pricings": _PRICINGS,
            "Microsoft.Resources": ["2022-09-01", "2021-04-01", "2021-01-01", "2020-01-01", "2019-11-01"],
        },
    },
}
