"""Fixtures for the tests of exports, erasures and pseudonymisations."""

from __future__ import annotations

from typing import Any

import pytest

from portal.embedded import Valkey
from tenants.models import Person
from tenants.roles import Role
from tests import factories
from tests.portal.web.conftest import damage
from tests.portal.web.world import World

__all__ = ["damage"]


@pytest.fixture
def second(world: World) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)


@pytest.fixture
def committed(committed_world: World) -> World:
    return committed_world


@pytest.fixture
def valkey(settings: Any) -> Any:
    """Use a real cache, as in production: an embedded Valkey."""
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
