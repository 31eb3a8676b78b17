"""The embedded Valkey's users: the broker's user has no access to the cache, and the cache's user has no access to
the broker.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.core.cache.backends.redis import RedisCache

from portal.embedded import Valkey
from portal.settings.database import CACHES

OPTIONS = {key: value for key, value in CACHES["default"].items() if key not in ("BACKEND", "LOCATION")}
# Values in the formats that the product stores: rate limits of allauth, pre-flights, used one-time codes, locks and
# counts.
VALUES: dict[str, Any] = {
    "allauth:rl:login": [1764158400.25, 1764158399.5],
    "preflight": {"at": "2026-11-26T12:00:00+00:00", "report": None, "failed": False},
    "used-code": "y",
    "lock": True,
    "count": 7,
}


class Payload:
    """Creates a directory when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def broker_client(valkey: Valkey, database: int = 0) -> redis.Redis:
    """Return a client that signs in as the broker's user, as an attacker who knows BROKER_URL can."""
    info = urlsplit(valkey.broker_url(database))
    assert info.username == "broker"
    return redis.Redis(
        unix_socket_path=str(valkey.socket), username=info.username, password=info.password, db=database
    )


@pytest.fixture
def valkey(running_home: Path) -> Iterator[Valkey]:
    server = Valkey(running_home)
    yield server
    for database in (0, 1, 2):
        redis.Redis.from_url(server.admin_url(database)).flushdb()


def filled_cache(valkey: Valkey) -> RedisCache:
    cache = RedisCache(valkey.cache_url(), OPTIONS)
    for key, value in VALUES.items():
        cache.set(key, value, 60)
    assert {key: cache.get(key) for key in VALUES} == VALUES
    assert cache.incr("count") == 8
    assert cache.add("lock", True, 10) is False
    cache.delete("count")
    return cache


def cache_keys(valkey: Valkey) -> list[bytes | str]:
    found = redis.Redis.from_url(valkey.admin_url(1)).keys()
    assert len(found) >= len(VALUES) - 1
    return found


@pytest.mark.slow(seconds=1)
def test_a_pickled_value_under_any_cache_key_executes_nothing(valkey: Valkey, tmp_path: Path) -> None:
    cache = filled_cache(valkey)
    target = tmp_path / "executed"
    payload = pickle.dumps(Payload(target))
    # The broker's user could not store these objects, so use the administrator. Reading them must run no code.
    administrator = redis.Redis.from_url(valkey.admin_url(1))
    for stored in cache_keys(valkey):
        administrator.set(stored, payload)
    for key in VALUES:
        if key != "count":
            with pytest.raises(ValueError, match="Surety did not write"):
                cache.get(key)
    assert not target.exists()
    pickle.loads(payload)
    assert target.exists(), "the payload of this test works"


@pytest.mark.slow(seconds=1)
def test_the_brokers_user_cannot_reach_the_cache(valkey: Valkey) -> None:
    cache = filled_cache(valkey)
    keys = cache_keys(valkey)
    attacker = broker_client(valkey)
    attacker.set("payload", "x")
    attempts = [
        ("SELECT", 1),
        ("FLUSHALL",),
        ("SWAPDB", 0, 1),
        ("CONFIG", "GET", "requirepass"),
        ("ACL", "LIST"),
        ("ACL", "SETUSER", "broker", "alldbs"),
        ("MOVE", "payload", 1),
        ("COPY", "payload", keys[0], "DB", 1, "REPLACE"),
        ("EVAL", "redis.call('select', 1) return redis.call('set', KEYS[1], 'x')", 1, keys[0]),
        ("DEBUG", "RELOAD"),
        ("SHUTDOWN",),
        ("MONITOR",),
    ]
    for attempt in attempts:
        with pytest.raises(redis.ResponseError):  # The server denies the command, or the script fails.
            attacker.execute_command(*attempt)
    assert {key: cache.get(key) for key in VALUES if key != "count"} == {
        key: value for key, value in VALUES.items() if key != "count"
    }


def test_the_caches_user_cannot_reach_the_broker(valkey: Valkey) -> None:
    broker_client(valkey).rpush("surety", "message")
    cache = redis.Redis.from_url(valkey.cache_url())
    for attempt in [("SELECT", 0), ("SELECT", 2), ("SET", "another:key", "x"), ("FLUSHDB",), ("KEYS", "*")]:
        with pytest.raises(redis.exceptions.NoPermissionError):
            cache.execute_command(*attempt)
    assert broker_client(valkey).lrange("surety", 0, -1) == [b"message"]


def test_the_two_users_have_different_passwords(valkey: Valkey) -> None:
    info = urlsplit(valkey.broker_url())
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(valkey.socket), username="cache", password=info.password).ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(valkey.socket), username="default", password=info.password).ping()
