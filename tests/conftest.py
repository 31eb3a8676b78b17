"""Test databases on the embedded PostgreSQL or the server of DATABASE_URL. Tests run as the application's restricted
role.

The owner of the tables migrates a template database once. Its name contains a hash of the migrations. Each session and
xdist worker uses a new copy of the template (0.1 s), so that nothing remains of earlier runs.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import pickle
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from kombu.transport.memory import Channel as MemoryChannel

from portal.embedded import Postgres, Valkey
from portal.management.fast_migrations import fast_migrations
from portal.owner_db import allow_owner
from portal.owner_db.grants import grant_application_role
from portal.settings.database import EMBEDDED_POSTGRES
from tests import databases as test_databases
from tests import markup, private_keys, quiet_refusals, rewriting, slow_parts, slow_tests, static_files
from tests.databases import create_copy, databases, owner_sql, point_at, sync_files
from tests.prepared_home import PreparedHome
from tests.sandbox import forked

if TYPE_CHECKING:
    from tests.portal.web.world import World

TEMPLATE = "test_surety_template_"
# With Python's defaults (2,000, 10, 10), the search for cyclic garbage takes up to a fifth of the processor time. With
# these thresholds, Python searches all objects after every 2.5 million new ones, so that memory stays bounded.
GARBAGE_THRESHOLDS = (50_000, 10, 5)

# No time limit per example, so that property tests do not fail on a busy machine.
hypothesis_settings.register_profile("surety", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("surety")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        gc.disable()  # Collect no garbage until pytest_collection_modifyitems has run.
    rewriting.rewrite_share(config)
    markup.install()  # Removes white space that only serves the layout of the templates.
    static_files.install()
    private_keys.install()
    test_databases.install()
    forked.install()


def pytest_unconfigure(config: pytest.Config) -> None:
    gc.freeze()  # Without this, Python would search all objects for garbage before it exits.
    if not hasattr(config, "workerinput"):  # This is the main process, which ends last.
        sync_files(True)


def pytest_addoption(parser: pytest.Parser) -> None:
    slow_parts.add_option(parser)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the slowest test files first, so that at the end no xdist worker runs a slow file while the others wait."""
    slow_parts.choose(config, items)
    seconds: dict[Path, int] = {}
    for item in items:
        for marker in item.iter_markers("slow"):
            seconds[item.path] = max(
                seconds.get(item.path, 0), marker.kwargs.get("seconds", slow_parts.SLOW_SECONDS)
            )
    items.sort(key=lambda item: -seconds.get(item.path, 0))
    # Modules and collected tests live until the end, so exclude them from garbage collections.
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from slow_tests.measured(item))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    slow_tests.count(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if lines := slow_tests.lines():
        terminalreporter.section(
            f"more than {slow_tests.SECONDS} s of processor time: consider the marker “slow”"
        )
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    databases.choose(item)
    quiet_refusals.choose(item)
    # Discard the tasks that an earlier test has sent but not run. They refer to the data of that test, which is gone.
    for queue in MemoryChannel.queues.values():
        queue.queue.clear()


def migrations_hash() -> str:
    """Return a hash of all migrations, of the code that grants privileges, and of this file."""
    digest = hashlib.sha256(Path(grant_application_role.__code__.co_filename).read_bytes())
    digest.update(Path(__file__).read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def ensure_template() -> str:
    """Return the name of the template database of the current migrations; if needed, create it and drop older ones."""
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
        with allow_owner(), fast_migrations():
            grant_application_role(connections["owner"], role)
            call_command("migrate", database="owner", interactive=False, verbosity=0)
        # Only `Databases.empty` needs this privilege. In production, only the owner can truncate.
        owner_sql("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}", role)
    finally:
        point_at("owner", home)
    owner_sql("ALTER DATABASE {} RENAME TO {}", building, name)
    return name


def claim_database(folder: Path, worker: str) -> tuple[str, IO[str]]:
    """Return a database name that no other running session uses, and the locked file that claims it."""
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
    """Replace pytest-django's fixture: the connection `default` uses the restricted role and this worker's database."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    folder = settings.SURETY_HOME
    folder.mkdir(parents=True, exist_ok=True)
    if EMBEDDED_POSTGRES:
        Postgres(settings.EMBEDDED_HOME).ensure()
        sync_files(False)
    with django_db_blocker.unblock():
        name, claim = claim_database(folder, worker)
        # Only one worker may create the template, and none may copy it before it is complete.
        with (folder / "template.lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            template = ensure_template()
            create_copy(name, template)
        before = connections["owner"].settings_dict["NAME"]
        databases.start(name, template, folder / "template.lock")
    yield
    with django_db_blocker.unblock():
        point_at("owner", before)
        databases.drop()
        connections["owner"].close()
    claim.close()


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the tests of a module commit to the database, which is emptied after the module. Each test must use tenants
    of its own, because it sees the data of the other tests.
    """
    with django_db_blocker.unblock():
        yield
        databases.use_empty()
        databases.empty()
        connections["default"].close()


@pytest.fixture(scope="session")
def stored_world(django_db_setup: None, django_db_blocker: Any) -> bytes:
    """Commit the data of `make_world` in a database of its own, once per process. Return the pickled `World`."""
    # Import `world` only after Django's set-up, because it imports models.
    from tests.portal.web.world import make_world

    with django_db_blocker.unblock():
        return databases.make("world", make_world)


@pytest.fixture(scope="session")
def world_files(stored_world: bytes) -> dict[Path, bytes]:
    """Return {path: content} of the files of the stored `World`. All tests of this process share these files."""
    # Import `world_files` only after Django's set-up, because it imports models.
    from tests.portal.web.world_files import files_of

    return {path: path.read_bytes() for path in files_of(pickle.loads(stored_world))}


@pytest.fixture
def kept_files(world_files: dict[Path, bytes]) -> None:
    """Restore the files of the stored `World` that an earlier test has deleted."""
    for path, content in world_files.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(content)


@pytest.fixture
def world(stored_world: bytes, kept_files: None, db: None) -> World:
    """Return a `World` for this test; the test's changes to the database are rolled back."""
    made: World = pickle.loads(stored_world)
    return made


@pytest.fixture
def committed_world(stored_world: bytes, kept_files: None, transactional_db: None) -> Iterator[World]:
    """Return a `World` in a copy of its database, in which the test, its threads and its server can commit changes."""
    databases.use_copy("world")
    cache.clear()
    made: World = pickle.loads(stored_world)
    yield made
    databases.use_empty()


@pytest.fixture(scope="session")
def prepared_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreparedHome:
    """The state directory that `manage.py setup` makes; all xdist workers share it."""
    folder = tmp_path_factory.getbasetemp()
    return PreparedHome(folder.parent if hasattr(request.config, "workerinput") else folder)


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> str:
    """Return the URL of a real, empty broker for tests with workers; each xdist worker has its own database number."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    database = 2 + int(worker.removeprefix("gw")) % 14
    valkey = Valkey(settings.EMBEDDED_HOME)
    valkey.ensure()
    with valkey.client() as client:
        client.select(database)
        client.flushdb()
    return valkey.broker_url(database)
