"""Fixtures for exports of customers, and for what is erased."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from portal.embedded import Valkey
from tenants.models import Person
from tenants.roles import Role
from tests import factories
from tests.databases import databases
from tests.portal.web.conftest import damage
from tests.portal.web.world import World

__all__ = ["damage"]


@pytest.fixture
def second(world: World) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)


@pytest.fixture
def committed(stored_world: bytes, kept_files: None, transactional_db: None) -> Iterator[World]:
    """Return a `World` in a database in which the test commits."""
    databases.use_copy("world")
    made: World = pickle.loads(stored_world)
    yield made
    databases.use_empty()


@pytest.fixture
def valkey(settings: Any) -> Any:
    """Use the real cache."""
    server = Valkey(settings.EMBEDDED_HOME)
    server.ensure()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": server.cache_url(),
            "KEY_PREFIX": "surety",
            "OPTIONS": {"serializer": "portal.cache_serializer.JSONCacheSerializer"},
        }
    }
    return server
