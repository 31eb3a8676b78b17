"""``manage.py setup``: make a usable installation from an empty state directory. Can be repeated safely."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import pre_migrate
from django.db.utils import OperationalError

from portal.management.embedded_servers import ensure_servers
from portal.management.fast_migrations import fast_migrations
from portal.owner_db import allow_owner
from portal.owner_db.grants import grant_application_role
from portal.owner_db.same_database import is_same_database
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.records.known_certificates import import_known_files, remember_certificate
from tenants import secrets
from tenants.errors import SuretyError


class Command(BaseCommand):
    help = (
        "Start the embedded servers unless DATABASE_URL and BROKER_URL are set, migrate the database, and create the"
        " key ring and the signing certificate. You can run this command again at any time."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        started = ensure_servers()
        if started:
            self.stdout.write(f"Started {' and '.join(started)}.")
        owner, role = connections["owner"], connections["default"].settings_dict["USER"]
        with allow_owner():
            try:
                if owner.settings_dict["USER"] == role:
                    raise CommandError(
                        "Setup needs two roles. Set DATABASE_OWNER_URL to the role that owns the database, and "
                        "DATABASE_URL to the restricted role."
                    )
                grant_application_role(owner, role)
                if not is_same_database(owner, connections["default"]):
                    raise CommandError(
                        "DATABASE_URL and DATABASE_OWNER_URL name different databases or servers, so nothing was"
                        " migrated. Correct one of them."
                    )
                self._check_encoding(owner)
            except OperationalError as error:
                raise CommandError(
                    f"Could not connect to the database as {owner.settings_dict['USER']}. Check "
                    f"DATABASE_OWNER_URL. {error}"
                ) from error
            is_empty = not MigrationRecorder(owner).has_table()
            with fast_migrations() if is_empty else self._announced_migrations():
                call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"])
            owner.close()
        self._check_role(role)
        try:
            secrets.ring()  # This call creates the key ring, so that the first backup contains it.
            remember_certificate(ensure_signing_identity().certificate)
        except SuretyError as error:
            raise CommandError(error.message) from error
        if carried_over := import_known_files():
            self.stdout.write(f"Added {carried_over} known signing certificates to the database.")
        self.stdout.write(f"Surety is set up. State directory: {settings.SURETY_HOME}")

    @contextmanager
    def _announced_migrations(self) -> Iterator[None]:
        """Print a line before the first migration, because migrations of a database with data can take minutes."""
        is_announced = False

        def announce(plan: list[Any], **_: Any) -> None:
            # Django sends the signal once for each app, with the migrations of all apps. Print only one line.
            nonlocal is_announced
            if plan and not is_announced:
                is_announced = True
                count = f"{len(plan)} migration{'' if len(plan) == 1 else 's'}"
                self.stdout.write(f"Migrating the database ({count}), which can take some minutes …")
                self.stdout.flush()

        pre_migrate.connect(announce, weak=False)
        try:
            yield
        finally:
            pre_migrate.disconnect(announce)

    def _check_encoding(self, owner: BaseDatabaseWrapper) -> None:
        """Raise CommandError unless the database can store every character. With another encoding, PostgreSQL refuses
        JSON values with characters that the encoding lacks.
        """
        with owner.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
        if encoding != "UTF8":
            raise CommandError(
                f"The database has the encoding {encoding}, but Surety needs UTF8, so nothing was migrated. Create the"
                " database again with ENCODING 'UTF8' TEMPLATE template0, as in"
                " docs/operations/servers.md, “Your own PostgreSQL”."
            )

    def _check_role(self, role: str) -> None:
        """Raise CommandError if row-level security would not isolate customers, because the application's database role
        is a superuser, has BYPASSRLS or owns tables.
        """
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) "
                "FROM pg_roles r WHERE rolname = current_user"
            )
            bypasses, owns_tables = cursor.fetchone()
        if bypasses or owns_tables:
            reason = "is a superuser or has BYPASSRLS" if bypasses else "owns tables"
            raise CommandError(
                f"The role {role} of DATABASE_URL {reason}, so row-level security would not isolate customers from"
                " each other. Use a role that was created with CREATE ROLE name LOGIN PASSWORD '...' and has no"
                " other attributes."
            )
