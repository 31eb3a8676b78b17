"""Azure documents of flexible servers, and cases that PostgreSQL and MySQL share."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case, rows
from tests.assessments.controls.judging import SUB, doc, gap

SUBNET = f"{SUB}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/db"
OPEN = {"publicNetworkAccess": "Enabled"}
STOPPED = "The server is not running"


class Kind:
    """Documents of one kind of server. The names of the collections of this kind begin with `prefix`."""

    def __init__(self, identifier: str, prefix: str) -> None:
        self.id = identifier
        self.prefix = prefix
        self.no_list: tuple[Any, ...] = (
            "the list is forbidden",
            {},
            {SUB: "unknown"},
            {"gaps": [gap(f"{prefix}_servers")]},
        )
        self.none: tuple[Any, ...] = ("no server", {}, {SUB: "not_applicable"})

    def server(self, tier: str = "GeneralPurpose", /, **properties: Any) -> dict[str, Any]:
        """A running server with public network access; `...` removes a property."""
        found = {"state": "Ready", "network": OPEN} | properties
        kept = {key: value for key, value in found.items() if value is not ...}
        return {f"{self.prefix}_servers": [doc(self.id, kept, sku={"tier": tier})]}

    def parameters(self, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A server with these values of parameters; `more`: further properties of each parameter."""
        bodies = [
            doc(f"{self.id}/configurations/{name}", {"value": value, **more})
            for name, value in values.items()
        ]
        return {**self.server(), f"{self.prefix}_parameters": {self.id: bodies}}

    def rules(self, *ranges: tuple[Any, Any], **properties: Any) -> dict[str, Any]:
        """A server with a firewall rule for each range."""
        bodies = [
            doc(f"{self.id}/firewallRules/rule{number}", {"startIpAddress": first, "endIpAddress": last})
            for number, (first, last) in enumerate(ranges, 1)
        ]
        return {**self.server(**properties), f"{self.prefix}_firewall_rules": {self.id: bodies}}

    def of_parameter(self, slug: str, name: str, *table: tuple[str, Any, str]) -> list[Case]:
        """Cases of a control that reads one parameter: one case for each row (name, value, outcome), and cases in which
        the parameter is unusual or unreadable.
        """
        forbidden = {"gaps": [gap(f"{self.prefix}_parameters", self.id)]}
        value = next(value for _, value, outcome in table if outcome == "pass")
        return rows(
            slug,
            *((case, self.parameters({name: value}), {self.id: outcome}) for case, value, outcome in table),
            ("another case", self.parameters({name.upper(): value.swapcase()}), {self.id: "pass"}),
            ("a number", self.parameters({name: 1}), {self.id: "unknown"}),
            ("a new value", self.parameters({name: "moon"}), {self.id: "unknown"}),
            (
                "a restart is pending",
                self.parameters({name: value}, isConfigPendingRestart=True),
                {self.id: "pass"},
                {"remark": "next restart"},
            ),
            (
                "a restart is pending, as text",
                self.parameters({name: value}, isConfigPendingRestart="True"),
                {self.id: "pass"},
                {"remark": "next restart"},
            ),
            (
                "no restart is pending",
                self.parameters({name: value}, isConfigPendingRestart="False", currentValue=value),
                {self.id: "pass"},
                {"no_remark": "server"},
            ),
            (
                "another value is in use",
                self.parameters({name: value}, currentValue="other"),
                {self.id: "pass"},
                {"remark" if self.prefix == "mysql" else "no_remark": "does not use it yet"},
            ),
            ("stopped", self.server(state="Stopped"), {self.id: "unknown"}, {"reason": STOPPED}),
            ("parameters forbidden", self.server(), {self.id: "unknown"}, forbidden),
            self.no_list,
            self.none,
        )

    def of_firewall(self, slug: str) -> list[Case]:
        """Cases of the control that fails if a firewall rule lets all of Azure in."""
        forbidden = {"gaps": [gap(f"{self.prefix}_firewall_rules", self.id)]}
        azure, office = ("0.0.0.0", "0.0.0.0"), ("198.51.100.0", "198.51.100.255")
        return rows(
            slug,
            ("no rule", self.rules(), {self.id: "pass"}),
            ("a small network", self.rules(office), {self.id: "pass"}),
            ("Azure", self.rules(office, azure), {self.id: "fail"}, {"reason": "every service in Azure"}),
            ("everybody", self.rules(("0.0.0.0", "255.255.255.255")), {self.id: "fail"}),
            (
                "2^24 addresses in two rules",
                self.rules(("10.0.0.0", "10.127.255.255"), ("11.0.0.0", "11.127.255.255")),
                {self.id: "fail"},
                {"reason": "very large networks", "remark": "at least 16,777,216 addresses (2^24)"},
            ),
            ("fewer addresses", self.rules(("10.0.0.0", "10.255.255.254")), {self.id: "pass"}),
            ("no address", self.rules(("198.51.100", "198.51.100.1")), {self.id: "unknown"}),
            ("no address, and Azure", self.rules((None, None), azure), {self.id: "fail"}),
            ("backwards", self.rules(("10.0.0.9", "10.0.0.1")), {self.id: "unknown"}),
            (
                "Azure, but public access is off",
                self.rules(azure, network={"publicNetworkAccess": "Disabled"}),
                {self.id: "pass"},
            ),
            (
                "in a virtual network",
                self.rules(network={"delegatedSubnetResourceId": SUBNET}),
                {self.id: "pass"},
            ),
            ("access absent", self.rules(network={}), {self.id: "unknown"}),
            (
                "a new kind of access",
                self.rules(network={"publicNetworkAccess": "Moon"}),
                {self.id: "unknown"},
            ),
            ("the network is text", self.rules(network="Enabled"), {self.id: "unknown"}),
            ("rules forbidden", self.server(), {self.id: "unknown"}, forbidden),
            self.no_list,
            self.none,
        )

    def of_public_access(self, slug: str) -> list[Case]:
        """Cases of the control that requires public network access to be off."""
        closed = {"publicNetworkAccess": "disabled"}
        return rows(
            slug,
            ("on", self.server(), {self.id: "fail"}),
            ("off", self.server(network=closed), {self.id: "pass"}),
            (
                "in a virtual network",
                self.server(network={"delegatedSubnetResourceId": SUBNET}),
                {self.id: "pass"},
            ),
            ("absent", self.server(network={}), {self.id: "unknown"}),
            ("no network", self.server(network=...), {self.id: "unknown"}),
            ("a new value", self.server(network={"publicNetworkAccess": "Moon"}), {self.id: "unknown"}),
            ("the network is text", self.server(network="Disabled"), {self.id: "unknown"}),
            self.no_list,
            self.none,
        )

    def of_geo_backup(self, slug: str, replica: str) -> list[Case]:
        """Cases of the control that requires backups in a second region."""

        def backup(value: Any, **more: Any) -> dict[str, Any]:
            return self.server(backup={"geoRedundantBackup": value}, **more)

        return rows(
            slug,
            ("on", backup("enabled"), {self.id: "pass"}),
            ("off", backup("Disabled"), {self.id: "fail"}),
            ("absent", self.server(backup={}), {self.id: "fail"}),
            ("no backup", self.server(), {self.id: "fail"}),
            ("a new value", backup("Moon"), {self.id: "unknown"}),
            ("the backup is text", self.server(backup="Enabled"), {self.id: "unknown"}),
            ("a replica", backup("Disabled", replicationRole=replica), {self.id: "not_applicable"}),
            ("no replica", backup("Enabled", replicationRole="None"), {self.id: "pass"}),
            ("a new role", backup("Enabled", replicationRole="Moon"), {self.id: "unknown"}),
            self.no_list,
            self.none,
        )

    def of_high_availability(self, slug: str, replica: str) -> list[Case]:
        """Cases of the control that requires a standby server."""

        def mode(value: Any, tier: str = "GeneralPurpose", **more: Any) -> dict[str, Any]:
            return self.server(tier, highAvailability={"mode": value}, **more)

        def standby(value: Any, name: str = "ZoneRedundant", **more: Any) -> dict[str, Any]:
            return self.server(highAvailability={"mode": name, "state": value}, **more)

        not_ready = {"remark": "not ready at the moment"}

        return rows(
            slug,
            ("another zone", mode("zoneRedundant"), {self.id: "pass"}, {"no_remark": "zone"}),
            ("the same zone", mode("SameZone"), {self.id: "pass"}, {"remark": "stops both"}),
            ("off", mode("Disabled"), {self.id: "fail"}, {"no_remark": "Burstable"}),
            ("off, burstable", mode("Disabled", "burstable"), {self.id: "fail"}, {"remark": "Burstable"}),
            ("absent", self.server(), {self.id: "fail"}),
            ("a new value", mode("Moon"), {self.id: "unknown"}),
            ("healthy", standby("healthy"), {self.id: "pass"}, {"no_remark": "not ready"}),
            ("being created", standby("CreatingStandby"), {self.id: "pass"}, not_ready),
            (
                "being created in the same zone",
                standby("CreatingStandby", "SameZone"),
                {self.id: "pass"},
                not_ready,
            ),
            ("failing over", standby("FailingOver"), {self.id: "pass"}, not_ready),
            ("being removed", standby("RemovingStandby"), {self.id: "fail"}, {"reason": "being removed"}),
            ("mode without standby", standby("NotEnabled"), {self.id: "unknown"}, {"reason": "not enabled"}),
            ("off, with its state", standby("NotEnabled", "Disabled"), {self.id: "fail"}),
            ("a new state", standby("Moon"), {self.id: "unknown"}),
            ("text", self.server(highAvailability="SameZone"), {self.id: "unknown"}),
            ("a replica", mode("Disabled", replicationRole=replica), {self.id: "not_applicable"}),
            ("the source", mode("SameZone", replicationRole="Source"), {self.id: "pass"}),
            ("a new role", mode("SameZone", replicationRole="Moon"), {self.id: "unknown"}),
            self.no_list,
            self.none,
        )
