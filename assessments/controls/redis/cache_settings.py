"""Controls of the encryption, TLS, public networks and sign-in of the caches, clusters and databases of Redis.

Properties: redis/resource-manager/Microsoft.Cache/stable/2024-11-01/redis.json (RedisCommonProperties) and
redisenterprise/resource-manager/Microsoft.Cache/RedisEnterprise/stable/2025-07-01/redisenterprise.json (Cluster,
Database). Retirement: https://learn.microsoft.com/azure/azure-cache-for-redis/retirement-faq
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import SubjectRule
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    ONLY_PRIVATE_ENDPOINT_VARIABLES,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint_steps,
    public_access_off,
)
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.redis import REDIS_CACHES, REDIS_CLUSTERS, REDIS_DATABASES
from assessments.estate.ids import parent_of
from assessments.estate.view import View
from assessments.fixes.declare import Cli, Fix, PortalPath, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable, segment

_TYPE: Final = "Microsoft.Cache/redis"
_CACHE: Final = ("microsoft.cache/redis",)
_CLUSTER: Final = ("microsoft.cache/redisenterprise",)
_DATABASE: Final = ("microsoft.cache/redisenterprise/databases",)
_NO_DATABASES: Final = "No Redis caches or databases"
_NO_CLUSTERS: Final = "No Redis caches or clusters"
CACHE: Final = Variable("cache", "Name of the Redis cache", "redis-shop", "the cache", segment("redis"))
CLUSTER: Final = Variable(
    "redis_cluster",
    "Name of the cluster of Managed Redis",
    "redis-orders",
    "the cluster",
    segment("redisEnterprise"),
)
_OF_CACHE: Final = "Azure portal › Azure Cache for Redis › {cache} ›"
_OF_CLUSTER: Final = "Azure portal › Azure Managed Redis › {redis_cluster} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/azure-cache-for-redis"
_LEARN_MANAGED: Final = "https://learn.microsoft.com/azure/redis"

_CACHES_RETIRE: Final = "Azure Cache for Redis retires on 30 September 2028: move to Azure Managed Redis"
_ENTERPRISE_RETIRES: Final = "The Enterprise tiers retire on 31 March 2027: move to Azure Managed Redis"
# The values of `TlsVersion` in the specifications, and 1.3, which a later version may add.
_OLD_TLS: Final = frozenset({"1.0", "1.1"})
_NEW_TLS: Final = frozenset({"1.2", "1.3"})


def _update(setting: str) -> Cli:
    """Return the command that changes a setting of a cache."""
    return command(
        f"az redis update --resource-group {{group}} --name {{cache}} --set {setting} --subscription {{subscription}}",
        kinds=_CACHE,
    )


def _patch(kinds: tuple[str, ...], version: str = "2025-07-01", **properties: str) -> Cli:
    """Return a command that changes a setting with a REST request. For clusters and databases, the command
    `az redisenterprise` could change it too, but needs an extension of the Azure CLI.
    """
    return command(
        f"az rest --method patch --url {{id}} --url-parameters api-version={version} --body {{body}}",
        kinds=kinds,
        bodies={"body": {"properties": properties}},
    )


def _with_retirement(rule: SubjectRule) -> SubjectRule:
    """Return a rule that returns the verdict of `rule`, with a remark about the retirement of the service."""

    def judge(resource: View, ctx: Context) -> Verdict:
        verdict = rule(resource, ctx)
        remarks = _retirement(resource, ctx)
        return replace(verdict, remarks=(*verdict.remarks, *remarks))

    return judge


def _retirement(resource: View, ctx: Context) -> tuple[str, ...]:
    if resource.collection == REDIS_CACHES.name:
        return (_CACHES_RETIRE,)
    cluster: View | None = resource
    if resource.collection == REDIS_DATABASES.name:
        cluster = ctx.find(REDIS_CLUSTERS, parent_of(resource.id))
    # Clusters of the kind v1 have an Enterprise tier; clusters of the kind v2 belong to Azure Managed Redis.
    is_enterprise = cluster is not None and str(cluster.raw("kind")).casefold() == "v1"
    return (_ENTERPRISE_RETIRES,) if is_enterprise else ()


def _is_enterprise(facts: Facts) -> bool:
    """Return whether the finding is about a database of the Enterprise tiers."""
    return _ENTERPRISE_RETIRES in facts.remarks


def _encrypted(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    if resource.collection == REDIS_CACHES.name:
        setting = properties.raw("enableNonSslPort")
        if properties.flag("enableNonSslPort", default=False):
            return failed("The cache accepts unencrypted connections", enableNonSslPort=setting)
        return passed("The cache accepts encrypted connections only", enableNonSslPort=setting)
    protocol = properties.raw("clientProtocol")
    if properties.choice("clientProtocol", {"encrypted", "plaintext"}, default="Encrypted") == "plaintext":
        return failed("The database accepts unencrypted connections", clientProtocol=protocol)
    return passed("The database accepts encrypted connections only", clientProtocol=protocol)


def _tls(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    version = properties.raw("minimumTlsVersion")
    # If the property is absent, TLS 1.2 is the minimum: clusters never accepted earlier versions, and Azure made 1.2
    # the minimum of all caches in April 2025:
    # https://learn.microsoft.com/azure/azure-cache-for-redis/cache-remove-tls-10-11
    if not properties.has("minimumTlsVersion"):
        return passed("Redis refuses TLS before 1.2 by default", minimumTlsVersion=None)
    if properties.choice("minimumTlsVersion", _OLD_TLS | _NEW_TLS) in _OLD_TLS:
        return failed("TLS before 1.2 is allowed", minimumTlsVersion=version)
    return passed("TLS 1.2 is the minimum", minimumTlsVersion=version)


_CACHE_NETWORK: Final = public_access_off(
    failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
)
_CLUSTER_NETWORK: Final = public_access_off(None)


def _network(resource: View, ctx: Context) -> Verdict:
    if resource.collection == REDIS_CLUSTERS.name:
        return _CLUSTER_NETWORK(resource, ctx)
    if resource.text("properties.subnetId", default=""):
        return passed("The cache is in a virtual network", subnetId=resource.raw("properties.subnetId"))
    return _CACHE_NETWORK(resource, ctx)


def _sign_in(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    if resource.collection == REDIS_DATABASES.name:
        keys = properties.raw("accessKeysAuthentication")
        if properties.choice("accessKeysAuthentication", {"enabled", "disabled"}) == "enabled":
            return failed("The database accepts access keys", accessKeysAuthentication=keys)
        return passed("The database refuses access keys", accessKeysAuthentication=keys)
    settings = properties.object("redisConfiguration", default={})
    setting = properties.raw("disableAccessKeyAuthentication")
    if settings.choice("authnotrequired", {"true", "false"}, default="false") == "true":
        return failed(
            "Anyone can use the cache without a sign-in",
            authnotrequired=settings.raw("authnotrequired"),
            disableAccessKeyAuthentication=setting,
        )
    if properties.flag("disableAccessKeyAuthentication", default=False):
        return passed("The cache refuses access keys", disableAccessKeyAuthentication=setting)
    return failed("The cache accepts access keys", disableAccessKeyAuthentication=setting)


CONTROLS = declare_settings(
    __name__,
    REDIS_CACHES,
    SettingControl(
        "redis-encrypted-only",
        title="Redis accepts encrypted connections only",
        problem="Redis accepts unencrypted connections",
        expected="Unencrypted connections are refused",
        judged="`enableNonSslPort` of each cache, and `clientProtocol` of each database of Managed Redis. If the"
        " property is absent, only encrypted connections are accepted, which is the default.",
        why="Without encryption, anyone on the network path can read the data and the key of the cache.",
        severity=Severity.HIGH,
        labels={"clientProtocol": "Protocol of clients", "enableNonSslPort": "Port without TLS"},
        judge=_with_retirement(_encrypted),
        also=(REDIS_DATABASES,),
        needs=(REDIS_CLUSTERS,),
        subject_type=_TYPE,
        empty_reason=_NO_DATABASES,
        references=References(mcsb="DP-3", nist="SC-8 SC-8(1)"),
        fix=Fix(
            advice("First let all clients use the port for TLS."),
            _update("enableNonSslPort=false"),
            _patch(_DATABASE, clientProtocol="Encrypted"),
            portal=f"{_OF_CACHE} Settings › Advanced settings › Allow access only via SSL › Yes",
            portal_source=f"{_LEARN}/cache-tls-configuration",
            portals={
                _DATABASE[0]: PortalPath(
                    f"{_OF_CLUSTER} Advanced settings › Non-TLS access only › Disable",
                    f"{_LEARN_MANAGED}/tls-configuration",
                )
            },
            effects="Clients without TLS can no longer connect.",
            variables=[CACHE, CLUSTER],
        ),
    ),
    SettingControl(
        "redis-tls",
        title="Redis requires TLS 1.2 or later",
        problem="Redis allows TLS before 1.2",
        expected="The minimum version of TLS is 1.2 or later",
        judged="`minimumTlsVersion` of each cache and of each cluster of Managed Redis. Without the"
        " property, Redis refuses TLS before 1.2 by default.",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.MEDIUM,
        judge=_with_retirement(_tls),
        also=(REDIS_CLUSTERS,),
        subject_type=_TYPE,
        empty_reason=_NO_CLUSTERS,
        references=References(mcsb="DP-3*", nist="SC-8*"),
        fix=Fix(
            # Use a REST request, because the Azure CLI can set the minimum version of TLS only when it creates a cache.
            _patch(_CACHE, "2024-11-01", minimumTlsVersion="1.2"),
            _patch(_CLUSTER, minimumTlsVersion="1.2"),
            portal=f"{_OF_CACHE} Settings › Advanced settings › Minimum TLS version",
            portal_source=f"{_LEARN}/cache-tls-configuration",
            portals={
                _CLUSTER[0]: PortalPath(
                    f"{_OF_CLUSTER} Advanced settings › Minimum TLS version",
                    f"{_LEARN_MANAGED}/tls-configuration",
                )
            },
            effects="Clients that know only TLS 1.0 or 1.1 can no longer connect.",
            variables=[CACHE, CLUSTER],
        ),
    ),
    SettingControl(
        "redis-pna",
        title="Redis refuses public networks",
        problem="Redis reachable from public networks",
        expected="Public network access is off, or the cache is in a virtual network",
        judged="`publicNetworkAccess` of each cache and of each cluster of Managed Redis, and `subnetId` of caches. A"
        " cache in a virtual network passes. Otherwise, Disabled passes, and SecuredByPerimeter passes with a remark,"
        " or fails if `accept_perimeter` is off. If a cache does not state the property, public network access is on,"
        " which is the default. If a cluster does not state it, the verdict is unknown.",
        why="Anyone with a stolen key can read a cache that is reachable from the Internet.",
        severity=Severity.MEDIUM,
        labels={"subnetId": "Subnet"},
        judge=_with_retirement(_network),
        also=(REDIS_CLUSTERS,),
        subject_type=_TYPE,
        empty_reason=_NO_CLUSTERS,
        parameters=(ACCEPT_PERIMETER,),
        references=References(mcsb="NS-2*", mcsb2="NS-2", nist="SC-7*"),
        fix=Fix(
            # https://learn.microsoft.com/azure/azure-cache-for-redis/cache-private-link
            advice(
                "Azure refuses private endpoints of a cache with geo-replication: unlink the caches first, and link"
                " them again afterwards.",
                kinds=_CACHE,
            ),
            *(replace(step, kinds=_CACHE) for step in private_endpoint_steps("redisCache", is_only=True)),
            *(
                replace(step, kinds=_CLUSTER)
                for step in private_endpoint_steps("redisEnterprise", is_only=True)
            ),
            advice("Let all clients use the private endpoint, then switch public network access off."),
            _update("publicNetworkAccess=Disabled"),
            _patch(_CLUSTER, publicNetworkAccess="Disabled"),
            portal=f"{_OF_CACHE} Private Endpoint",
            portal_source=f"{_LEARN}/cache-private-link",
            portals={
                _CLUSTER[0]: PortalPath(
                    f"{_OF_CLUSTER} Administration › Private Endpoint", f"{_LEARN_MANAGED}/private-link"
                )
            },
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[CACHE, CLUSTER, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
    SettingControl(
        "redis-entra",
        title="Redis is used with Microsoft Entra ID, not with access keys",
        problem="Redis accepts access keys",
        expected="Access keys are refused",
        judged="`disableAccessKeyAuthentication` of each cache, and `accessKeysAuthentication` of each database of"
        " Managed Redis. A cache without the property accepts access keys, which is the default. For a database"
        " without it, the verdict is unknown. A cache with `authnotrequired` fails, because it needs no sign-in at"
        " all.",
        why="A key gives all rights, does not expire and does not show who uses it.",
        severity=Severity.MEDIUM,
        labels={
            "accessKeysAuthentication": "Access keys",
            "authnotrequired": "No sign-in needed",
            "disableAccessKeyAuthentication": "Access keys refused",
        },
        judge=_with_retirement(_sign_in),
        also=(REDIS_DATABASES,),
        needs=(REDIS_CLUSTERS,),
        subject_type=_TYPE,
        empty_reason=_NO_DATABASES,
        references=References(mcsb="IM-1*", nist="IA-2*"),
        fix=Fix(
            advice(
                "First let all clients sign in with Microsoft Entra ID, and unlink geo-replicated caches.",
                when=lambda facts: not _is_enterprise(facts),
            ),
            _update("disableAccessKeyAuthentication=true"),
            replace(
                _patch(_DATABASE, accessKeysAuthentication="Disabled"),
                when=lambda facts: not _is_enterprise(facts),
            ),
            # https://learn.microsoft.com/azure/azure-cache-for-redis/cache-azure-active-directory-for-authentication
            advice(
                "The Enterprise tiers do not support Microsoft Entra ID: move the data to Azure Managed Redis, and"
                " refuse access keys there.",
                kinds=_DATABASE,
                when=_is_enterprise,
            ),
            portal=f"{_OF_CACHE} Authentication › Access keys › Disable Access Keys Authentication",
            portal_source=f"{_LEARN}/cache-azure-active-directory-for-authentication",
            portals={
                _DATABASE[0]: PortalPath(
                    f"{_OF_CLUSTER} Authentication › Access keys › Access Keys Authentication",
                    f"{_LEARN_MANAGED}/entra-for-authentication",
                )
            },
            effects="All connections end. Clients that use a key can no longer connect.",
            variables=[CACHE, CLUSTER],
        ),
    ),
)
