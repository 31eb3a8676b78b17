"""The watch rules that every customer has. People can turn these rules off or change their severity, but cannot change
their conditions. Only a few rules are shipped, and they catch few changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assessments.models import Finding
from portal.changes.models import WatchRule
from tenants.models import Tenant

Severity = Finding.Severity
_CHANGES: Final = ("created", "changed", "deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedRule:
    """A rule, with the conditions of `WatchRule`. `why` states the purpose of the rule."""

    key: str
    name: str
    why: str
    severity: str
    kinds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    worsened: bool = False
    unapproved: bool = False

    def rule_for(self, tenant: Tenant) -> WatchRule:
        """Return the shipped rule as an unsaved `WatchRule`."""
        return WatchRule(
            tenant=tenant,
            name=self.name,
            shipped=self.key,
            severity=self.severity,
            kinds=list(self.kinds),
            types=list(self.types),
            properties=list(self.properties),
            operations=list(self.operations),
            worsened=self.worsened,
            unapproved=self.unapproved,
        )


_ALL: Final = (
    ShippedRule(
        key="worsened",
        name="Worsened verdicts",
        why="A finding on the changed resource began to fail.",
        severity=Severity.HIGH,
        worsened=True,
    ),
    ShippedRule(
        key="approved",
        name="Approved configurations",
        why="A resource differs from the configuration that was approved for it, or was deleted.",
        severity=Severity.HIGH,
        unapproved=True,
    ),
    ShippedRule(
        key="exposure",
        name="Network exposure",
        why="Security rules, firewalls and public access decide who can reach a resource.",
        severity=Severity.HIGH,
        kinds=_CHANGES,
        properties=(
            "properties.securityRules*",
            "properties.defaultSecurityRules*",
            "*publicNetworkAccess",
            "*networkAcls*",
            "*ipRules*",
            "*firewallRules*",
            "*allowBlobPublicAccess",
            "*publicIPAddress*",
        ),
    ),
    ShippedRule(
        key="addresses",
        name="New public addresses",
        why="A public address can make a resource reachable from the Internet.",
        severity=Severity.MEDIUM,
        kinds=("created",),
        types=("microsoft.network/publicIPAddresses", "microsoft.network/publicIPPrefixes"),
    ),
    ShippedRule(
        key="firewall",
        name="Firewall rules",
        why="Rules of a firewall or security group were created, changed or deleted.",
        severity=Severity.HIGH,
        kinds=("operation",),
        operations=(
            "*/firewallRules/*",
            "*/ipv6FirewallRules/*",
            "*/virtualNetworkRules/*",
            "*/securityRules/*",
        ),
    ),
    ShippedRule(
        key="roles",
        name="Role assignments",
        why="Somebody got or lost rights.",
        severity=Severity.HIGH,
        operations=(
            "microsoft.authorization/roleAssignments/*",
            "microsoft.authorization/roleDefinitions/*",
            "microsoft.authorization/roleEligibilityScheduleRequests/*",
            "microsoft.managedServices/registrationAssignments/*",
            # The following are activities of the directory's audit log. Only this log records that an administrator has
            # elevated their access to all subscriptions:
            # https://learn.microsoft.com/azure/role-based-access-control/elevate-access-global-admin
            "user has elevated their access*",
            "the role assignment of user access administrator has been removed*",
            "add member to role*",
            "add eligible member to role*",
            "remove member from role*",
            "add app role assignment*",
            "consent to application*",
        ),
    ),
    ShippedRule(
        key="diagnostics",
        name="Diagnostic settings deleted or changed",
        why="Without diagnostic settings, nobody can see later what happened. Check the settings in Azure, because the"
        " activity log does not contain their values.",
        severity=Severity.HIGH,
        operations=("microsoft.insights/diagnosticSettings/*",),
    ),
    ShippedRule(
        key="locks",
        name="Locks removed",
        why="A lock protects a resource from deletion or changes.",
        severity=Severity.MEDIUM,
        operations=("microsoft.authorization/locks/delete",),
    ),
)

SHIPPED: Final = {rule.key: rule for rule in _ALL}


def rules_of(tenant: Tenant) -> list[WatchRule]:
    """Return all watch rules of a customer: first the shipped rules, as the customer has set them, then the customer's
    own rules by name. Needs the tenant's scope.

    A shipped rule that the customer has not changed is not stored, so the result has an unsaved object for this rule.
    """
    rows = list(WatchRule.objects.filter(tenant=tenant).order_by("name", "pk"))
    changed = {row.shipped: row for row in rows if row.shipped}
    found = []
    for shipped in _ALL:
        rule = shipped.rule_for(tenant)
        row = changed.get(shipped.key)
        if row is not None:
            rule.pk, rule.enabled, rule.severity = row.pk, row.enabled, row.severity
            rule._state.adding = False
        found.append(rule)
    return [*found, *(row for row in rows if not row.shipped)]
