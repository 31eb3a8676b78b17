"""Microsoft's examples of Redis caches, clusters and databases. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/redis/resource-manager/Microsoft.Cache/stable/2024-11-01/examples: RedisCacheList;
specification/redisenterprise/resource-manager/Microsoft.Cache/RedisEnterprise/stable/2025-07-01/examples:
RedisEnterpriseList, RedisEnterpriseDatabasesListByCluster
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_PROVIDER = f"{RG}/providers/Microsoft.Cache"
_CLUSTER = f"{_PROVIDER}/redisEnterprise/cluster1"

SUBSCRIPTION: Bodies = {
    "redis_caches": [
        doc(
            f"{_PROVIDER}/Redis/cache1",
            {
                "provisioningState": "Creating",
                "redisVersion": "3.2",
                "sku": {"name": "Standard", "family": "C", "capacity": 6},
                "enableNonSslPort": True,
                "replicasPerMaster": 2,
                "replicasPerPrimary": 2,
                "updateChannel": "Stable",
                "zonalAllocationPolicy": "Automatic",
                "redisConfiguration": {},
                "hostName": "cache1.redis.cache.windows.net",
                "port": 6379,
                "sslPort": 6380,
                "instances": [
                    {"sslPort": 15000, "nonSslPort": 13000, "isMaster": True, "isPrimary": True},
                    {"sslPort": 15001, "nonSslPort": 13001, "isMaster": False, "isPrimary": False},
                    {"sslPort": 15002, "nonSslPort": 13002, "isMaster": False, "isPrimary": False},
                ],
            },
            location="East US",
            type="Microsoft.Cache/Redis",
            tags={},
        )
    ],
    "redis_clusters": [
        doc(
            _CLUSTER,
            {
                "hostName": "cache1.westus.something.azure.com",
                "provisioningState": "Succeeded",
                "resourceState": "Running",
                "redisVersion": "6",
                "minimumTlsVersion": "1.2",
                "publicNetworkAccess": "Disabled",
            },
            location="West US",
            kind="v1",
            sku={"name": "EnterpriseFlash_F300", "capacity": 3},
            type="Microsoft.Cache/redisEnterprise",
            tags={},
        )
    ],
    "redis_databases": [
        doc(
            f"{_CLUSTER}/databases/default",
            {
                "provisioningState": "Succeeded",
                "resourceState": "Running",
                "clientProtocol": "Encrypted",
                "clusteringPolicy": "OSSCluster",
                "evictionPolicy": "AllKeysLRU",
                "persistence": {"rdbEnabled": True, "rdbFrequency": "12h"},
                "port": 10000,
                "modules": [{"name": "RediSearch", "args": "", "version": "1.0.0"}],
                "deferUpgrade": "NotDeferred",
                "redisVersion": "6.0",
                "accessKeysAuthentication": "Disabled",
            },
            type="Microsoft.Cache/redisEnterprise/databases",
        )
    ],
}

DEFINED = {
    "redis_caches": """
    properties.disableAccessKeyAuthentication properties.minimumTlsVersion
    properties.publicNetworkAccess properties.redisConfiguration.authnotrequired properties.subnetId""",
}
