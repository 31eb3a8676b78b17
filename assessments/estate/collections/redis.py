"""Caches of Azure Cache for Redis, and clusters of Azure Managed Redis and of the Enterprise tiers of Azure Cache for
Redis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import child, listed, since
from assessments.estate.documented_codes import GENERAL

_COMMIT = "15f38e5b507c1875212fabd59839498f3a6e2015"

# The only setting of `redisConfiguration` that controls read. Other settings can contain connection strings, and
# `tenantSettings` can contain anything.
_READ_SETTING = "authnotrequired"


def without_connection_strings(cache: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a cache without `tenantSettings` and without the settings of Redis that no control reads."""
    properties = cache.get("properties")
    if not isinstance(properties, Mapping):
        return cache
    kept = {key: value for key, value in properties.items() if key != "tenantSettings"}
    settings = kept.get("redisConfiguration")
    if isinstance(settings, Mapping):
        kept["redisConfiguration"] = {
            key: value for key, value in settings.items() if key.casefold() == _READ_SETTING
        }
    return {**cache, "properties": kept}


REDIS_CACHES = listed(
    "redis_caches",
    "Microsoft.Cache/redis@2024-11-01",
    "Redis caches",
    inventory=Inventory.CONFIGURATION,
    prepare=without_connection_strings,
    error_codes=GENERAL,
    **since("2024-11-01", "redis/resource-manager/Microsoft.Cache/stable/2024-11-01/redis.json"),
    definition=Definition("RedisResource", commit="04a46d2beed7b8ddb46f9127e9272f0a043dc768"),
)
REDIS_CLUSTERS = listed(
    "redis_clusters",
    "Microsoft.Cache/redisEnterprise@2025-07-01",
    "Clusters of Managed Redis",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2025-07-01",
        "redisenterprise/resource-manager/Microsoft.Cache/RedisEnterprise/stable/2025-07-01/redisenterprise.json",
    ),
    definition=Definition("Cluster", commit=_COMMIT),
)
REDIS_DATABASES = child(
    "redis_clusters",
    "redis_databases",
    "Microsoft.Cache/redisEnterprise/databases@2025-07-01",
    "Databases of Managed Redis",
    error_codes=GENERAL,
    **since(
        "2025-07-01",
        "redisenterprise/resource-manager/Microsoft.Cache/RedisEnterprise/stable/2025-07-01/redisenterprise.json",
    ),
    definition=Definition("Database", commit=_COMMIT),
)
