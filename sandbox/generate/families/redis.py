"""Redis caches and Managed Redis, and the expected verdicts of assessments/controls/redis/cache_settings.py."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("redis-encrypted-only", "redis-entra", "redis-pna", "redis-tls")
_CACHES = "Microsoft.Cache/Redis"
_CLUSTERS = "Microsoft.Cache/redisEnterprise"


def write(sub: Subscription) -> None:
    """Write a Redis cache into half of the subscriptions and, independently, a Redis cluster into some."""
    if sub.rng.chance(0.5):
        _write_cache(sub)
    if sub.rng.chance(0.3):
        _write_cluster(sub)


def _write_cache(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"redis-{rng.letters(8)}"
    resource = sub.id_of(group, _CACHES, name)
    unencrypted, old_tls, public, keys = rng.faulty(), rng.faulty(), rng.faulty(), rng.faulty()
    properties: Json = {
        "provisioningState": "Succeeded",
        "redisVersion": "6.0",
        "sku": {"name": "Standard", "family": "C", "capacity": 1},
        "enableNonSslPort": unencrypted,
        "minimumTlsVersion": rng.pick(("1.0", "1.1")) if old_tls else "1.2",
        "publicNetworkAccess": "Enabled" if public else "Disabled",
        "disableAccessKeyAuthentication": not keys,
        "redisConfiguration": {"aad-enabled": "true"},
        "hostName": f"{name}.redis.cache.windows.net",
        "port": 6379,
        "sslPort": 6380,
    }
    sub.expect_failure_if("redis-encrypted-only", resource, unencrypted)
    sub.expect_failure_if("redis-tls", resource, old_tls)
    sub.expect_failure_if("redis-pna", resource, public)
    sub.expect_failure_if("redis-entra", resource, keys)
    sub.write(group, _CACHES, name, properties, location=region, tags=tags)


def _write_cluster(sub: Subscription) -> None:
    """Write a cluster of Azure Managed Redis, or of Azure Cache for Redis Enterprise, with its database."""
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"amr-{rng.letters(8)}"
    is_managed = rng.chance(0.7)
    resource = sub.id_of(group, _CLUSTERS, name)
    public, unencrypted, keys = rng.faulty(), rng.faulty(), rng.faulty()
    sub.expect_failure_if("redis-tls", resource, False)
    sub.expect_failure_if("redis-pna", resource, public)
    sub.write(
        group,
        _CLUSTERS,
        name,
        {
            "provisioningState": "Succeeded",
            "resourceState": "Running",
            "minimumTlsVersion": "1.2",
            "publicNetworkAccess": "Enabled" if public else "Disabled",
        },
        location=region,
        tags=tags,
        kind="v2" if is_managed else "v1",
        sku={"name": "Balanced_B5"} if is_managed else {"name": "Enterprise_E10", "capacity": 2},
    )
    database = sub.id_of(group, f"{_CLUSTERS}/databases", f"{name}/default")
    sub.expect_failure_if("redis-encrypted-only", database, unencrypted)
    sub.expect_failure_if("redis-entra", database, keys)
    sub.write(
        group,
        f"{_CLUSTERS}/databases",
        f"{name}/default",
        {
            "provisioningState": "Succeeded",
            "resourceState": "Running",
            "clientProtocol": "Plaintext" if unencrypted else "Encrypted",
            "accessKeysAuthentication": "Enabled" if keys else "Disabled",
            "port": 10000,
        },
    )
