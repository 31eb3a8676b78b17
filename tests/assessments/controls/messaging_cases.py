"""Cases of namespaces of Service Bus and Event Hubs, whose controls follow the same rules."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case, rows
from tests.assessments.controls.judging import RG, SUB, doc, gap

_NO_PERIMETER = {"params": {"accept_perimeter": False}}
_NO_FIREWALL = {"params": {"accept_firewall": False}}


class Namespaces:
    """Builds the documents of one service. `large` is a tier with private endpoints, and `small` a tier without."""

    def __init__(self, section: str, provider: str, *, large: str, small: str) -> None:
        self.section, self.large, self.small = section, large, small
        self.id = f"{RG}/providers/{provider}/namespaces/ns1"
        self.kind = f"{provider}/namespaces"

    def documents(
        self, tier: Any = "", /, rules: Any = None, ends: Any = None, **properties: Any
    ) -> dict[str, Any]:
        """A namespace with only these properties. `rules`: its network rules; `ends`: states of private endpoints."""
        body = doc(self.id, properties, type=self.kind, sku={"name": tier or self.large})
        found: dict[str, Any] = {
            "resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]},
            f"{self.section}_namespaces": [body],
        }
        if rules is not None:
            found[f"{self.section}_firewalls"] = [doc(f"{self.id}/networkRuleSets/default", rules)]
        if ends is not None:
            found[f"{self.section}_endpoints"] = [
                doc(
                    f"{self.id}/privateEndpointConnections/pe{n}",
                    {"privateLinkServiceConnectionState": {"status": end}},
                )
                for n, end in enumerate(ends)
            ]
        return found

    def limited(self, *masks: Any, action: Any = "Deny", **more: Any) -> dict[str, Any]:
        """A namespace with public access and a firewall that lists these networks."""
        rules = {"defaultAction": action, "ipRules": [{"ipMask": mask} for mask in masks], **more}
        return self.documents(rules=rules, publicNetworkAccess="Enabled")

    def rows(self, topic: str, *table: tuple[Any, ...]) -> list[Case]:
        """Return the cases of `cases.rows`, and two cases: the list is forbidden, and there is no namespace."""
        name = f"{self.section}_namespaces"
        listed = {"resources": self.documents()["resources"]}
        return rows(
            f"{self.section}-{topic}",
            *table,
            ("the list is forbidden", listed, {SUB: "unknown"}, {"gaps": [gap(name)]}),
            ("no namespace", {}, {SUB: "not_applicable"}),
        )

    def cases(self) -> list[Case]:
        """The cases of all controls of the service."""
        documents, limited, identifier = self.documents, self.limited, self.id
        firewall = f"{self.section}_firewalls"
        subnet = {"subnet": {"id": f"{RG}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"}}
        return [
            *self.rows(
                "pna",
                ("off", documents(publicNetworkAccess="disabled"), {identifier: "pass"}),
                (
                    "off in the rule set",
                    documents(rules={"publicNetworkAccess": "Disabled"}),
                    {identifier: "pass"},
                ),
                (
                    "perimeter",
                    documents(publicNetworkAccess="SecuredByPerimeter"),
                    {identifier: "pass"},
                    {"remark": "Which networks the perimeter lets in"},
                ),
                (
                    "perimeter is not accepted",
                    documents(publicNetworkAccess="SecuredByPerimeter"),
                    {identifier: "fail"},
                    _NO_PERIMETER,
                ),
                (
                    "on without a rule set",
                    documents(publicNetworkAccess="Enabled"),
                    {identifier: "fail"},
                    {"no_remark": "tier"},
                ),
                ("nothing says so", documents(), {identifier: "fail"}),
                ("a small tier", documents(self.small), {identifier: "fail"}, {"remark": "tier"}),
                (
                    "every network",
                    limited(action="Allow"),
                    {identifier: "fail"},
                    {"reason": "no firewall limits it"},
                ),
                ("rules that do not apply", limited("198.51.100.7", action="allow"), {identifier: "fail"}),
                ("listed networks", limited("198.51.100.7", "203.0.113.0/24"), {identifier: "pass"}),
                (
                    "listed networks, not accepted",
                    limited("198.51.100.7"),
                    {identifier: "fail"},
                    _NO_FIREWALL,
                ),
                ("a subnet", limited(virtualNetworkRules=[subnet]), {identifier: "pass"}),
                ("Deny without rules", limited(), {identifier: "fail"}, {"reason": "no firewall limits it"}),
                (
                    "listed networks, and the namespace does not say",
                    documents(rules={"defaultAction": "Deny", "ipRules": [{"ipMask": "198.51.100.7"}]}),
                    {identifier: "pass"},
                ),
                (
                    "the Internet",
                    limited("0.0.0.0/1", "128.0.0.0/1"),
                    {identifier: "fail"},
                    {"reason": "Internet in"},
                ),
                ("no network", limited("everybody"), {identifier: "unknown"}),
                ("an unknown action", limited("198.51.100.7", action="Moon"), {identifier: "unknown"}),
                ("an unknown kind of access", documents(publicNetworkAccess="Moon"), {identifier: "unknown"}),
                (
                    "unknown access in the rule set",
                    documents(rules={"publicNetworkAccess": "Moon"}),
                    {identifier: "unknown"},
                ),
                (
                    "rules are text",
                    documents(rules={"defaultAction": "Deny", "ipRules": "all"}),
                    {identifier: "unknown"},
                ),
                (
                    "the rule set is forbidden",
                    documents(publicNetworkAccess="Enabled"),
                    {identifier: "unknown"},
                    {"gaps": [gap(firewall, identifier)]},
                ),
                (
                    "off, and the rule set is not needed",
                    documents(publicNetworkAccess="Disabled"),
                    {identifier: "pass"},
                    {"gaps": [gap(firewall, identifier)]},
                ),
            ),
            *self.rows(
                "pe",
                ("approved", documents(ends=("Rejected", "Approved")), {identifier: "pass"}),
                ("pending", documents(ends=("Pending",)), {identifier: "fail"}, {"reason": "is approved"}),
                ("none", documents(ends=()), {identifier: "fail"}, {"reason": "has no private endpoint"}),
                ("a new state", documents(ends=("Moon",)), {identifier: "unknown"}),
                ("a small tier", documents(self.small, ends=()), {identifier: "not_applicable"}),
                ("an unknown tier", documents("Moon", ends=("Approved",)), {identifier: "unknown"}),
                (
                    "the list of connections is forbidden",
                    documents(),
                    {identifier: "unknown"},
                    {"gaps": [gap(f"{self.section}_endpoints", identifier)]},
                ),
            ),
            *self.rows(
                "tls",
                ("1.2", documents(minimumTlsVersion="1.2"), {identifier: "pass"}, {"no_remark": "itself"}),
                ("1.3", documents(minimumTlsVersion="1.3"), {identifier: "pass"}),
                ("1.1", documents(minimumTlsVersion="1.1"), {identifier: "fail"}, {"remark": "itself"}),
                ("1.0", documents(minimumTlsVersion="1.0"), {identifier: "fail"}),
                ("absent, and the version is not known", documents(), {identifier: "unknown"}),
                ("a new version", documents(minimumTlsVersion="1.4"), {identifier: "unknown"}),
                ("a number", documents(minimumTlsVersion=1.2), {identifier: "unknown"}),
            ),
            *self.rows(
                "local-auth",
                ("refused", documents(disableLocalAuth=True), {identifier: "pass"}),
                ("accepted", documents(disableLocalAuth=False), {identifier: "fail"}),
                ("absent", documents(), {identifier: "fail"}, {"reason": "the setting is absent"}),
                ("text", documents(disableLocalAuth="true"), {identifier: "unknown"}),
            ),
        ]
