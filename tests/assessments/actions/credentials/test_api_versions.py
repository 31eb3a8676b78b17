"""The api-versions that a cloud offers are in a cache for all workers. If the cache is down, each worker remembers the
versions itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from assessments.actions.credentials import api_versions
from assessments.actions.credentials.api_versions import SharedVersions
from assessments.collect.http.api_versions import OfferedVersions
from assessments.collect.http.clouds import single_host

HERE = single_host("https://here.invalid", "")


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_an_offer_reaches_other_sessions_through_the_cache() -> None:
    OfferedVersions(HERE, SharedVersions()).put("Microsoft.Sql/servers", ["2021-11-01"])
    assert OfferedVersions(HERE, SharedVersions()).get("Microsoft.Sql/servers") == ("2021-11-01",)


def test_a_foreign_value_in_the_cache_is_ignored() -> None:
    cache.set("api-versions:key", {"2021-11-01": 1})
    assert SharedVersions().get("key") is None


def test_a_worker_keeps_what_it_learned_without_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def get(self, key: str) -> None:
            raise RedisConnectionError

        def set(self, key: str, value: object, seconds: int) -> None:
            raise RedisConnectionError

    monkeypatch.setattr(api_versions, "cache", Down())
    known = OfferedVersions(HERE, SharedVersions())
    assert known.get("Microsoft.Sql/servers") == ()
    known.put("Microsoft.Sql/servers", ["2021-11-01"])
    assert known.get("Microsoft.Sql/servers") == ("2021-11-01",)
