"""Connection strings of Redis caches are not stored, and the databases of each cluster are requested."""

from __future__ import annotations

from pathlib import Path

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

PROVIDER = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers/Microsoft.Cache"
CACHE, CLUSTER = f"{PROVIDER}/Redis/cache1", f"{PROVIDER}/redisEnterprise/cluster1"
SECRET = "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=bm90IGEga2V5"


def test_caches_are_stored_without_connection_strings(tmp_path: Path) -> None:
    cache = {
        "id": CACHE,
        "name": "cache1",
        "type": "Microsoft.Cache/Redis",
        "properties": {
            "redisConfiguration": {"rdb-storage-connection-string": SECRET, "authnotrequired": "true"},
            "tenantSettings": {"anything": SECRET},
            "enableNonSslPort": False,
        },
    }
    cluster = {
        "id": CLUSTER,
        "name": "cluster1",
        "type": "Microsoft.Cache/redisEnterprise",
        "kind": "v2",
        "properties": {"publicNetworkAccess": "Disabled"},
    }
    database = {
        "id": f"{CLUSTER}/databases/default",
        "name": "default",
        "type": "Microsoft.Cache/redisEnterprise/databases",
        "properties": {"clientProtocol": "Plaintext", "accessKeysAuthentication": "Disabled"},
    }
    lines = [azure.directory(), *azure.subscription(azure.guid(1)), cache, cluster, database]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("redis",))
    (stored,) = found.estate.documents("redis_caches")
    assert stored.body["properties"] == {
        "redisConfiguration": {"authnotrequired": "true"},
        "enableNonSslPort": False,
    }
    for slug, name, verdict in (
        ("redis-entra", "cache1", "fail"),
        ("redis-entra", "default", "pass"),
        ("redis-encrypted-only", "cache1", "pass"),
        ("redis-encrypted-only", "default", "fail"),
        ("redis-pna", "cluster1", "pass"),
    ):
        assert found.verdict(slug, name) == verdict, (slug, name)
