"""Application code cannot use the owner's connection; the tests run as the restricted role."""

from __future__ import annotations

import io
import re
import secrets
from typing import Any
from unittest.mock import MagicMock

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections
from django.db.models.signals import pre_migrate

from portal.embedded import Postgres
from portal.embedded.postgres import ADMIN
from portal.management.commands import setup
from portal.management.embedded_servers import needs_servers
from portal.owner_db import allow_owner
from portal.owner_db.same_database import is_same_database
from portal.settings.database import EMBEDDED_POSTGRES
from portal.settings.env import BASE_DIR


@pytest.mark.django_db
def test_the_tests_run_as_a_role_subject_to_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (connection.settings_dict["USER"], False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE tenants_person",
        "ALTER TABLE tenants_person DISABLE ROW LEVEL SECURITY",
    ],
)
def test_the_application_cannot_change_tables(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_owner_connection_works_only_inside_allow_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = connections.create_connection("owner")
    owner.settings_dict["NAME"] = connections["owner"].settings_dict["NAME"]
    # At the first connection of a process, Django looks up extension types through `connections["owner"]`. Let this
    # look-up use the new connection.
    monkeypatch.setattr(connections[owner.alias], "cursor", owner.cursor)
    with pytest.raises(ImproperlyConfigured, match="Only migrations and the set-up"):
        owner.connect()
    with allow_owner():
        owner.connect()
        with owner.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (owner.settings_dict["USER"],)
    try:
        # Outside of `allow_owner`, a connection that is already open cannot be used either.
        with pytest.raises(ImproperlyConfigured):
            owner.cursor()
    finally:
        owner.close()


@pytest.mark.django_db(transaction=True)
def test_setup_refuses_an_application_role_that_is_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["owner"].settings_dict, "USER", connection.settings_dict["USER"])
    monkeypatch.setattr("portal.management.commands.setup.ensure_servers", list)
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("setup", verbosity=0)


@pytest.mark.parametrize(
    ("migrations", "announced"),
    [
        (2, ["Migrating the database (2 migrations), which can take some minutes …"]),
        (1, ["Migrating the database (1 migration), which can take some minutes …"]),
        (0, []),
    ],
)
def test_setup_says_once_that_it_migrates_a_database_with_data(
    migrations: int, announced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If `setup` did not announce the migrations, `make run` would print nothing for minutes after an upgrade."""

    def migrate(*_arguments: Any, **_options: Any) -> None:
        for app in (object(), object()):
            pre_migrate.send(sender=app, plan=[object()] * migrations)

    for name in (
        "ensure_servers", "grant_application_role", "is_same_database", "MigrationRecorder", "Command._check_role",
        "Command._check_encoding", "secrets", "ensure_signing_identity", "remember_certificate",
    ):  # fmt: skip
        monkeypatch.setattr(f"portal.management.commands.setup.{name}", MagicMock())
    users = {name: MagicMock(settings_dict={"USER": name}) for name in ("owner", "default")}
    monkeypatch.setattr("portal.management.commands.setup.connections", users)
    monkeypatch.setattr("portal.management.commands.setup.import_known_files", int)
    monkeypatch.setattr("portal.management.commands.setup.call_command", migrate)
    receivers = list(pre_migrate.receivers)
    command = setup.Command(stdout=(output := io.StringIO()))
    command.handle(verbosity=0)
    assert [line for line in output.getvalue().splitlines() if "Migrating" in line] == announced
    assert pre_migrate.receivers == receivers


@pytest.mark.django_db(transaction=True)
def test_setup_migrates_nothing_if_its_two_addresses_name_different_databases(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere, the_same = (connections.create_connection("owner") for _ in range(2))
    for one in (elsewhere, the_same):
        one.settings_dict = {**one.settings_dict, "NAME": "postgres"}
        # At the first connection of a process, Django looks up extension types through `connections["owner"]`. Let this
        # look-up use the new connection.
        with monkeypatch.context() as patch, allow_owner():
            patch.setattr(connections[one.alias], "cursor", one.cursor)
            one.connect()
    monkeypatch.setattr(
        "portal.management.commands.setup.connections", {"owner": elsewhere, "default": connection}
    )
    migrate = MagicMock()
    for step, replaced in (
        ("ensure_servers", list),
        ("grant_application_role", MagicMock()),
        ("call_command", migrate),
    ):
        monkeypatch.setattr(f"portal.management.commands.setup.{step}", replaced)
    try:
        with pytest.raises(CommandError, match="name different databases"):
            call_command("setup", verbosity=0)
        with allow_owner():
            assert is_same_database(elsewhere, the_same)
    finally:
        elsewhere.close()
        the_same.close()
    migrate.assert_not_called()


@pytest.mark.django_db
def test_setup_refuses_a_database_that_cannot_store_every_character() -> None:
    """A server on a system without a locale creates SQL_ASCII databases, which refuse letters like “ü” in JSON."""
    values = connections["owner"].settings_dict
    address = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
    }
    name = f"surety_ascii_{secrets.token_hex(4)}"
    with psycopg.connect(**address, dbname="postgres", autocommit=True) as server:
        server.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        try:
            with psycopg.connect(**address, dbname=name, client_encoding="UTF8") as ascii_only:
                with pytest.raises(psycopg.errors.UntranslatableCharacter):
                    ascii_only.execute("""SELECT '"\\u00fc"'::jsonb""")
                ascii_only.rollback()
                with pytest.raises(CommandError, match="encoding SQL_ASCII, but Surety needs UTF8"):
                    setup.Command()._check_encoding(ascii_only)
        finally:
            server.execute(f"DROP DATABASE {name}")
    setup.Command()._check_encoding(connection)


@pytest.mark.skipif(not EMBEDDED_POSTGRES, reason="only the embedded server has a superuser")
@pytest.mark.django_db
def test_the_documented_roles_and_database_need_no_superuser() -> None:
    """Administrators of managed servers are no superusers: they have CREATEROLE and CREATEDB."""
    text = (BASE_DIR / "docs" / "operations" / "servers.md").read_text()
    block = text.split("```sql\n")[1].split("```")[0]
    names = {
        one: f"surety_test_{one}_{secrets.token_hex(4)}" for one in ("owner", "app", "admin", "database")
    }
    for word, name in (("surety_owner", "owner"), ("surety_app", "app"), ("surety", "database")):
        block = re.sub(rf"\b{word}\b", names[name], block)
    statements = [line.split(";")[0] for line in block.splitlines() if not line.startswith("--")]
    address = {**Postgres(settings.EMBEDDED_HOME).connection(ADMIN), "dbname": "postgres"}
    with psycopg.connect(**address, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {names['admin']} CREATEROLE CREATEDB")
        try:
            with psycopg.connect(**address, autocommit=True) as server:
                server.execute(f"SET SESSION AUTHORIZATION {names['admin']}")
                refused = []
                for statement in statements:
                    try:
                        server.execute(statement)
                    except psycopg.errors.InsufficientPrivilege:
                        refused.append(statement)
            # docs/operations/servers.md says that managed servers may permit these settings only for the whole server.
            assert [one.split(" SET ")[1].split(" ")[0] for one in refused] == [
                "log_min_error_statement",
                "log_error_verbosity",
            ]
            access = superuser.execute(
                "SELECT pg_get_userbyid(datdba), has_database_privilege(%s, oid, 'CONNECT'),"
                " has_database_privilege(%s, oid, 'TEMPORARY') FROM pg_database WHERE datname = %s",
                [names["app"], names["app"], names["database"]],
            ).fetchone()
            assert access == (names["owner"], True, False)
        finally:
            superuser.execute(f"DROP DATABASE IF EXISTS {names['database']}")
            for role in ("app", "owner", "admin"):
                superuser.execute(f"DROP ROLE IF EXISTS {names[role]}")


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ([], False),
        (["help"], False),
        (["--version"], False),
        (["check"], False),
        (["makemigrations", "--check"], False),
        (["assess_estate", "estate.jsonl"], False),
        (["verify_report", "report.pdf"], False),
        (["services", "stop"], False),
        (["migrate", "--help"], False),
        (["migrate"], True),
        (["worker"], True),
        (["runserver", "8001"], True),
        (["shell", "-c", "print(1)"], True),
    ],
)
def test_servers_are_started_only_for_commands_that_use_them(arguments: list[str], needed: bool) -> None:
    assert needs_servers(["manage.py", *arguments]) is needed
