"""The whole suite runs as the application's restricted role, on the embedded (or given) PostgreSQL.

A template database is migrated once by the owner, named after the migrations' contents, and copied for each
session and xdist worker (0.1 s). Nothing of an earlier run is left in a copy.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from psycopg import sql

from portal.embedded import Postgres, Valkey
from portal.owner_db import allow_owner
from portal.owner_db.grants import grant_application_role
from portal.settings.database import EMBEDDED_POSTGRES
from tests import markup

if TYPE_CHECKING:
    from tests.portal.web.world import World

TEMPLATE = "test_surety_template_"


def pytest_configure() -> None:
    # Line breaks of the templates' layout are nobody's business in a comparison of pages.
    markup.install()


def migrations_hash() -> str:
    """Changes whenever a migration of an installed app, or what decides the privileges, does."""
    digest = hashlib.sha256(Path(grant_application_role.__code__.co_filename).read_bytes())
    digest.update(Path(__file__).read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def owner_sql(statement: str, *names: str) -> list[tuple[Any, ...]]:
    """One statement as the owner, `names` put in as identifiers; the rows, where there are any."""
    with allow_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        return cursor.fetchall() if cursor.description else []


def point_at(alias: str, database: str) -> None:
    connections[alias].close()
    connections[alias].settings_dict["NAME"] = database


def ensure_template() -> str:
    """The template database for the present migrations, made when missing; older ones are dropped."""
    name = TEMPLATE + migrations_hash()
    home = connections["owner"].settings_dict["NAME"]
    known = {row[0] for row in owner_sql("SELECT datname FROM pg_database")}
    if name in known:
        return name
    for old in sorted(known):
        if old.startswith(TEMPLATE):
            owner_sql("DROP DATABASE {} WITH (FORCE)", old)
    building = f"{name}_building"
    owner_sql("CREATE DATABASE {}", building)
    try:
        point_at("owner", building)
        role = connections["default"].settings_dict["USER"]
        with allow_owner():
            grant_application_role(connections["owner"], role)
            call_command("migrate", database="owner", interactive=False, verbosity=0)
        # For the flush of transactional tests, here only: in production nobody but the owner truncates.
        owner_sql("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}", role)
    finally:
        point_at("owner", home)
    owner_sql("ALTER DATABASE {} RENAME TO {}", building, name)
    return name


def claim_database(folder: Path, worker: str) -> tuple[str, IO[str]]:
    """A database name no other running session uses, and the lock file that says so."""
    number = 1
    while True:
        name = f"test_surety_{worker}" + (f"_{number}" if number > 1 else "")
        lock = (folder / f"{name}.lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            number += 1
        else:
            return name, lock


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Replaces pytest-django's: `default` is the restricted role, on a database of this worker's own."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    folder = settings.SURETY_HOME
    folder.mkdir(parents=True, exist_ok=True)
    if EMBEDDED_POSTGRES:
        Postgres(settings.EMBEDDED_HOME).ensure()
    with django_db_blocker.unblock():
        name, claim = claim_database(folder, worker)
        # Two workers must not build the template at once, and none may copy it while it is being built.
        with (folder / "template.lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            template = ensure_template()
            owner_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            owner_sql("CREATE DATABASE {} TEMPLATE {}", name, template)
        # A test's data need not survive a power cut.
        owner_sql("ALTER DATABASE {} SET synchronous_commit = off", name)
        before = connections["owner"].settings_dict["NAME"]
        point_at("owner", name)
        point_at("default", name)
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()
        point_at("owner", before)
        owner_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        connections["owner"].close()
    claim.close()


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database with real commits, emptied once a module: each test has tenants of its own."""
    with django_db_blocker.unblock():
        yield
        call_command(
            "flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True
        )
        connections["default"].close()


@pytest.fixture(scope="module")
def world_of_module(committed: None) -> World:
    """Made once and committed: making it takes longer than most tests that look at it."""
    from tests.portal.web.world import make_world  # models: Django has to be set up

    with transaction.atomic():
        made = make_world()
        # What would follow the commit is told to nobody, as where a test's transaction is rolled back.
        connection.run_on_commit.clear()
    return made


@pytest.fixture
def world(world_of_module: World, db: None) -> World:
    """A world of the test's own: what it does is rolled back, and what it changes is a copy."""
    return deepcopy(world_of_module)


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> str:
    """The URL of a real, empty broker for tests with real workers (a database number per xdist worker)."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    database = 2 + int(worker.removeprefix("gw")) % 14
    valkey = Valkey(settings.EMBEDDED_HOME)
    valkey.ensure()
    with valkey.client() as client:
        client.select(database)
        client.flushdb()
    return valkey.broker_url(database)
