"""Generate five unusual subscriptions:

1. a subscription without registered providers
2. a subscription with the offer Azure for Students Starter
3. a subscription that is partly unreadable
4. a subscription with the offer Access to Azure Active Directory
5. a subscription that belongs to another directory

With Azure Lighthouse, the subscription without registered providers is delegated to service providers, and the
subscription of another directory is delegated to this directory. `sandbox/arm/refusals.py` refuses requests to
unregistered providers, and requests that one of these offers does not permit.
"""

from __future__ import annotations

from collections.abc import Collection

from sandbox.generate.access.delegations import write_delegations
from sandbox.generate.directory.management_groups import ManagementGroups
from sandbox.generate.output import Output
from sandbox.generate.random_source import RandomSource
from sandbox.generate.unreadable import write_unreadable

_UNUSED = (
    "Microsoft.Security",
    "Microsoft.Compute",
    "Microsoft.Network",
    "Microsoft.Sql",
    "Microsoft.Storage",
    "Microsoft.SqlVirtualMachine",
    "Microsoft.GuestConfiguration",
    "Microsoft.DocumentDB",
    "Microsoft.DBforPostgreSQL",
    "Microsoft.HybridCompute",
    "microsoft.insights",
)
# The expected verdicts on an empty subscription. It has no security contact, no export of logs and no alert rule, and
# Defender returns nothing.
_VERDICTS = {
    "defender-contact-email": "fail",
    "defender-contact-phone": "fail",
    "defender-policy-all-recommendations": "fail",
    "logging-activity-export": "fail",
    "monitoring-alert-nsg-write": "fail",
    "monitoring-alert-policy-assignment-write": "fail",
    "defender-no-open-recommendations": "unknown",
    "defender-vm-data-collection": "not_applicable",
    "logging-nsg-flow": "not_applicable",
    "network-ssh-from-internet": "not_applicable",
    "sql-firewall-internet": "not_applicable",
    "storage-public-blob": "not_applicable",
    "storage-secure-transfer": "not_applicable",
    "vm-disk-encryption": "not_applicable",
    "vm-os-patches": "not_applicable",
    "defender-recommendations-review": "manual",
    "operations-vulnerability-scans": "manual",
}


def write_unusual(
    out: Output,
    rng: RandomSource,
    directory: str,
    name: str,
    without: Collection[str] = (),
    *,
    groups: ManagementGroups | None = None,
) -> None:
    """Write five unusual subscriptions. No verdict is expected on the last two subscriptions, because they are not
    assessed.

    `without` are the controls that do not apply in the cloud. `groups` are the management groups above the
    subscriptions.
    """
    unregistered = _subscription(out, rng, directory, f"{name} Reserve")
    for namespace in _UNUSED:
        out.document(
            {
                "id": f"{unregistered}/providers/{namespace}",
                "namespace": namespace,
                "registrationPolicy": "RegistrationRequired",
                "registrationState": "NotRegistered",
                "resourceTypes": [],
            }
        )
    write_delegations(out, rng, unregistered)
    students = _subscription(out, rng, directory, "Azure for Students Starter", "DreamSpark_2015-02-01")
    has_policy = groups is not None and groups.policy == "good"
    for scope in (unregistered, students):
        if groups is not None:
            groups.write_ancestors(out, scope)
        for control, verdict in _VERDICTS.items():
            if has_policy and control == "defender-policy-all-recommendations":
                verdict = "pass"
            out.verdict(control, scope, "not_applicable" if control in without else verdict)
    write_unreadable(out, _subscription(out, rng.branch("unreadable"), directory, f"{name} Laboratory"))
    _subscription(out, rng, directory, "Access to Azure Active Directory", "AAD_2015-09-01")
    _subscription(out, rng, rng.guid(), f"{name} partner (delegated)", managed_by=directory)


def _subscription(
    out: Output, rng: RandomSource, directory: str, name: str, quota: str = "", managed_by: str = ""
) -> str:
    guid = rng.guid()
    out.document(
        {
            "id": f"/subscriptions/{guid}",
            "subscriptionId": guid,
            "displayName": name,
            "tenantId": directory,
            "managedByTenants": [{"tenantId": managed_by}] if managed_by else [],
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "subscriptionPolicies": {"spendingLimit": "Off", **({"quotaId": quota} if quota else {})},
        }
    )
    return f"/subscriptions/{guid}"
