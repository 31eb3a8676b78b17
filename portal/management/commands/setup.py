"""``manage.py setup``: from an empty state directory to a usable installation. May be repeated at will."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.utils import OperationalError

from portal.embedded.command_line import ensure_servers
from portal.owner_db import allow_owner
from portal.owner_db.grants import grant_application_role
from portal.reports.signing_identity import ensure_signing_identity
from tenants import secrets


class Command(BaseCommand):
    help = "Start the embedded servers where no real ones are given, migrate as the owner, make the key ring."
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
                        "Set DATABASE_OWNER_URL to the role that owns the database; DATABASE_URL names the "
                        "restricted one."
                    )
                grant_application_role(owner, role)
            except OperationalError as error:
                raise CommandError(
                    f"The database cannot be reached as {owner.settings_dict['USER']}: {error}"
                ) from error
            call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"])
            owner.close()
        self._check_role(role)
        secrets.ring()  # made now, so that it is part of the first backup
        ensure_signing_identity()
        self.stdout.write(f"Ready. State: {settings.SURETY_HOME}")

    def _check_role(self, role: str) -> None:
        """Refuse an application role that row-level security would not bind."""
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) "
                "FROM pg_roles r WHERE rolname = current_user"
            )
            free, owns = cursor.fetchone()
        if free or owns:
            reason = "is a superuser or has BYPASSRLS" if free else "owns tables"
            raise CommandError(
                f"The role {role} of DATABASE_URL {reason}: customers would not be isolated from one "
                "another. Use a role made by CREATE ROLE name LOGIN PASSWORD '...' and nothing more."
            )
