"""Configure the two connections to the database, and the cache.

``default`` connects as the application's role, which owns no tables and is subject to row-level security. ``owner``
connects as the tables' owner. Its backend (portal/owner_db) refuses to connect outside migrations and set-up.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from portal.embedded.postgres import APP, OWNER, Postgres
from portal.embedded.valkey import Valkey
from portal.settings import env
from portal.settings.security import SURETY_URL

EMBEDDED_POSTGRES = not env.text("DATABASE_URL")
EMBEDDED_VALKEY = not env.text("BROKER_URL")

_FORM = f"Set it to postgresql://ROLE:PASSWORD@HOST/NAME. {env.ENCODING_HINT}"
_KEYS = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}


def _from_url(variable: str) -> dict[str, Any]:
    """Return Django's settings for a URL ``postgresql://user:password@host:5432/name?sslmode=verify-full``."""
    try:
        parts = conninfo_to_dict(env.text(variable))
    except ProgrammingError:
        # Leave out the message of psycopg, because it can quote a part of the password.
        raise ImproperlyConfigured(f"{variable} is not a valid address. {_FORM}") from None
    if not parts.get("user") or not parts.get("dbname") or "@" in str(parts.get("host", ""))[1:]:
        raise ImproperlyConfigured(f"{variable} contains no role, no database or no valid host. {_FORM}")
    known = {_KEYS[key]: str(value) for key, value in parts.items() if key in _KEYS}
    return {**known, "OPTIONS": {key: value for key, value in parts.items() if key not in _KEYS}}


def _embedded(role: str) -> dict[str, Any]:
    parts = Postgres(env.state_directory()).connection(role)
    return {**{_KEYS[key]: str(value) for key, value in parts.items()}, "OPTIONS": {}}


def _connection(role: str, variable: str, engine: str) -> dict[str, Any]:
    if EMBEDDED_POSTGRES:
        if env.text(variable):
            raise ImproperlyConfigured(
                f"{variable} is set, but DATABASE_URL is not set. Set both variables, or neither of them."
            )
        values = _embedded(role)
    else:
        values = _from_url(variable)
    values["OPTIONS"].setdefault("application_name", role)
    return {"ENGINE": engine, "CONN_HEALTH_CHECKS": True, **values}


_has_owner = EMBEDDED_POSTGRES or env.text("DATABASE_OWNER_URL")

DATABASES: dict[str, dict[str, Any]] = {
    # Each thread keeps its connection. Each request checks the connection first, so a restart of PostgreSQL causes no
    # error.
    "default": {**_connection(APP, "DATABASE_URL", "django.db.backends.postgresql"), "CONN_MAX_AGE": 600},
    # Web and worker processes run without DATABASE_OWNER_URL. In these processes, the connection `owner` also uses
    # the restricted role.
    "owner": _connection(OWNER, "DATABASE_OWNER_URL" if _has_owner else "DATABASE_URL", "portal.owner_db"),
}

# Limits for the connections of web processes, in seconds; 0 for no limit (portal/http/database_limits.py).
SURETY_WEB_STATEMENT_SECONDS = env.integer("SURETY_WEB_STATEMENT_SECONDS", 60)
SURETY_WEB_LOCK_SECONDS = env.integer("SURETY_WEB_LOCK_SECONDS", 30)
SURETY_WEB_IDLE_TRANSACTION_SECONDS = env.integer("SURETY_WEB_IDLE_TRANSACTION_SECONDS", 300)

_cache = env.server_address("CACHE_URL") or (
    Valkey(env.state_directory()).cache_url() if EMBEDDED_VALKEY else ""
)
if not _cache:
    _broker = env.text("BROKER_URL")
    if SURETY_URL.startswith("https://"):
        raise ImproperlyConfigured(
            "BROKER_URL is set, but CACHE_URL is not set. The cache would then use the broker, and anyone who can"
            " write to the broker could reset the counters of sign-in attempts. Set CACHE_URL to an address with"
            " a user of its own. The commands that create the two users are in docs/operations/servers.md,"
            " “The broker and the cache”."
        )
    if not _broker.startswith(("redis://", "rediss://")):
        raise ImproperlyConfigured(
            "BROKER_URL is not a redis:// or rediss:// address, so the broker cannot also be the"
            " cache. Set CACHE_URL to a Valkey or Redis server."
        )
    _cache = _broker
if not _cache.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured(
        "CACHE_URL is not a redis://, rediss:// or unix:// address. Set it to the address of a Valkey or Redis server,"
        " such as rediss://USER:PASSWORD@HOST:6379/1."
    )
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "portal.cache_serializer.CheckedRedisCache",
        "LOCATION": _cache,
        # The accounts of the Valkey or Redis server may access only cache keys with this prefix
        # (portal/embedded/valkey.py, docs/operations/servers.md).
        "KEY_PREFIX": "surety",
        "VERSION": 2,  # Keys of version 1 have pickled values of older releases; do not read them.
        # Do not use Django's default serializer. It unpickles values, so anyone who can write to the cache could run
        # code in the web server.
        "OPTIONS": {"serializer": "portal.cache_serializer.JSONCacheSerializer"},
    }
}
SESSION_ENGINE = "portal.accounts.sessions"
