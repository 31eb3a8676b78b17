"""Rules for flexible servers of both PostgreSQL and MySQL. The rules are about parameters, firewall, backups and
standby servers.

Properties and their values: the specifications of Microsoft.DBforPostgreSQL (2025-08-01) and Microsoft.DBforMySQL
(2024-12-30). The flag `isConfigPendingRestart` is a boolean for PostgreSQL, and a text for MySQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import SubjectRule
from assessments.controls.settings import Remark, with_remarks
from assessments.controls.verdict import Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collection import Collection
from assessments.estate.collections.mysql import MYSQL_PARAMETERS
from assessments.estate.gaps import Reason
from assessments.estate.sql.firewall import read_firewall
from assessments.estate.sql.flexible_servers import in_own_network, is_running
from assessments.estate.view import Undecided, View
from assessments.fixes.variables import Variable, segment

SERVER: Final = Variable(
    "flexible_server",
    "Name of the flexible server, without its domain",
    "db-shop",
    "the flexible server",
    segment("flexibleServers"),
)
RULE: Final = Variable("rule", "Name of the firewall rule", "AllowAllAzureServices")
NEW_SERVER: Final = Variable("new_server", "Name of the new flexible server", "db-shop-2")
REPLICAS_TOO: Final = " Read replicas are judged too. While a server is not running, the verdict is unknown."
"""The end of the text `judged` of controls that judge server parameters."""

_WIDE: Final = 2**24
_ROLES: Final = frozenset({"none", "primary", "source", "replica", "asyncreplica", "geoasyncreplica"})
_REPLICAS: Final = frozenset({"replica", "asyncreplica", "geoasyncreplica"})
_MODES: Final = frozenset({"disabled", "zoneredundant", "samezone"})
# The values of `HighAvailabilityState` in the specifications of PostgreSQL and MySQL. MySQL does not have all of these
# values.
_STANDBY_STATES: Final = frozenset(
    {"healthy", "notenabled", "creatingstandby", "recreatingstandby", "replicatingdata", "failingover",
     "computeupdatingbyfailover", "removingstandby"}
)  # fmt: skip

# Remarks on the server parameter that a control judges.
_REMARKS: Final = (
    Remark(
        "The value takes effect at the next restart of the server",
        lambda found, _: str(found.raw("properties.isConfigPendingRestart")).casefold() == "true",
    ),
    Remark(
        "The value is set, but the server does not use it yet", lambda found, _: _uses_another_value(found)
    ),
)


def _uses_another_value(found: View) -> bool:
    # For parameters of PostgreSQL, Azure returns only the value that is set, not the value that the server uses.
    if found.collection != MYSQL_PARAMETERS.name:
        return False
    current, value = found.raw("properties.currentValue"), found.raw("properties.value")
    if not isinstance(current, str) or not isinstance(value, str):
        return False
    return current.casefold() != value.casefold()


def read_parameter(server: View, ctx: Context, collection: Collection, name: str) -> View | None:
    """Return the parameter of a server, or None if Azure does not list it. Raise CollectionUnavailable if needed data
    could not be read.
    """
    return _parameters(server, ctx, collection).get(name)


def _parameters(server: View, ctx: Context, collection: Collection) -> dict[str, View]:
    return {found.name.casefold(): found for found in ctx.documents_at(collection, server.id)}


def parameter_rule(
    collection: Collection,
    name: str,
    judge: Mapping[str, Verdict] | Callable[[View], Verdict],
    *,
    missing: Verdict | None = None,
) -> SubjectRule:
    """Return the rule that judges the value of one parameter. The control must name `collection` in `needs`.

    `judge` is {value in lower case: verdict}, or a function of the parameter's document. `missing` is the verdict if
    Azure lists other parameters, but not this parameter; by default, that verdict is unknown.
    """

    def rule(server: View, ctx: Context) -> Verdict:
        if not is_running(server):
            return unknown("The server is not running, so its parameters were not read", Reason.UNDECIDED)
        parameters = _parameters(server, ctx, collection)
        found = parameters.get(name)
        if found is None:
            # `missing` is the verdict on versions of the server that do not have the parameter. An empty list is
            # incomplete, because every version has parameters.
            unlisted = unknown(f"Azure does not list the parameter {name}", Reason.MISSING_FIELD)
            return missing if missing and parameters else unlisted
        verdict = judge(found) if callable(judge) else judge[found.choice("properties.value", judge.keys())]
        observed = {"value": found.raw("properties.value"), **verdict.observed}
        return with_remarks(replace(verdict, observed=observed), _REMARKS, found, ctx)

    return rule


def words_of(found: View, known: frozenset[str]) -> set[str]:
    """Return the words of a comma-separated parameter in lower case. Raise Unreadable for a word that `known` does not
    contain.
    """
    properties = found.object("properties")
    words = {word.strip().casefold() for word in properties.text("value").split(",")} - {""}
    for word in sorted(words - known):
        raise properties.unknown_value("value", word)
    return words


def firewall_rule(collection: Collection) -> SubjectRule:
    """Return a rule that fails a server if its firewall lets all of Azure or very large networks in. `collection` has
    the firewall rules. The control must name `collection` in `needs`.
    """

    def rule(server: View, ctx: Context) -> Verdict:
        if in_own_network(server):
            return passed("The server is in a virtual network, so it has no firewall rules", rules=[])
        if server.choice("properties.network.publicNetworkAccess", {"enabled", "disabled"}) == "disabled":
            return passed("Public network access is off, so no firewall rule applies", rules=[])
        rules, gap = ctx.partial_at(collection, server.id)
        firewall = read_firewall(rules, ())
        if to_azure := sorted(rule.name for rule in firewall.rules if rule.lets_azure_in):
            return failed("A firewall rule allows every service in Azure", rules=to_azure)
        if wide := sorted(rule.name for rule in firewall.opening_rules(4, _WIDE)):
            return failed(
                "The firewall rules let very large networks in",
                remarks=["Together, the rules allow at least 16,777,216 addresses (2^24)"],
                rules=wide,
            )
        if gap is not None:
            raise CollectionUnavailable(gap)
        firewall.require_known_addresses()
        return passed("No firewall rule lets all of Azure in", rules=[])

    return rule


def public_access_off(server: View, ctx: Context) -> Verdict:
    """Pass if the server is in a virtual network, or public network access is off."""
    if in_own_network(server):
        return passed(
            "The server is in a virtual network and has no public address", publicNetworkAccess=None
        )
    setting = server.raw("properties.network.publicNetworkAccess")
    if server.choice("properties.network.publicNetworkAccess", {"enabled", "disabled"}) == "disabled":
        return passed("Public network access is off", publicNetworkAccess=setting)
    return failed("Public network access is on", publicNetworkAccess=setting)


def unless_replica(server: View, ctx: Context) -> Verdict | None:
    """Return a not-applicable verdict for a read replica, which has neither backups of its own nor a standby server."""
    if server.object("properties").choice("replicationRole", _ROLES, default="None") in _REPLICAS:
        return not_applicable("The server is a read replica")
    return None


def high_availability(server: View, ctx: Context) -> Verdict:
    """Pass if the server has a standby server, or if Azure is creating one. An absent `highAvailability` means that
    there is no standby server.
    """
    settings = server.object("properties").object("highAvailability", default={})
    observed: dict[str, Any] = {"highAvailability": settings.raw("mode")}
    mode = settings.choice("mode", _MODES, default="Disabled")
    if mode != "disabled":
        return _with_standby(server, settings, mode, observed)
    is_burstable = str(server.raw("sku.tier")).casefold() == "burstable"
    return failed(
        "The server has no standby server",
        remarks=["The compute tier Burstable does not offer high availability"] if is_burstable else [],
        **observed,
    )


def _with_standby(server: View, settings: View, mode: str, observed: dict[str, Any]) -> Verdict:
    """Judge a server whose `highAvailability.mode` asks for a standby server. `highAvailability.state` says whether the
    standby server exists. If the state is absent, the mode alone decides.
    """
    state = settings.choice("state", _STANDBY_STATES, default="Healthy").casefold()
    if state == "removingstandby":
        return failed("The standby server is being removed", **observed)
    if state == "notenabled":
        reason = "A standby server is configured, but Azure states that high availability is not enabled"
        raise Undecided(server.id, "properties.highAvailability.state", reason)
    if mode == "zoneredundant":
        return passed(
            "A standby server runs in another availability zone",
            remarks=["The standby server is not ready at the moment"] if state != "healthy" else [],
            **observed,
        )
    return passed(
        "A standby server runs in the same availability zone",
        remarks=[
            "An outage of the availability zone stops both servers",
            "The standby server is not ready at the moment",
        ]
        if state != "healthy"
        else ["An outage of the availability zone stops both servers"],
        **observed,
    )


def geo_backup(server: View, ctx: Context) -> Verdict:
    """Pass if backups are also kept in a second region. An absent `geoRedundantBackup` means that backups are kept only
    in the region of the server.
    """
    backup = server.object("properties").object("backup", default={})
    setting = backup.raw("geoRedundantBackup")
    if backup.choice("geoRedundantBackup", {"enabled", "disabled"}, default="Disabled") == "enabled":
        return passed("Backups are also kept in the paired region", geoRedundantBackup=setting)
    return failed("Backups are kept only in the region of the server", geoRedundantBackup=setting)
