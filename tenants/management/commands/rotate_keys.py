"""Seal every credential again under the first key of the ring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tenants import secrets
from tenants.errors import SecretsUnusable
from tenants.models import TenantKey
from tenants.models.base import OrganizationOwned
from tenants.scope import organization_scope, tenant_scope


class Command(BaseCommand):
    help = (
        "Seals all sealed values again under the first key of the key ring. With --new-key a new key is put "
        "first into the keys file beforehand. When it reports no failure, old keys may be removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="make a new key and put it first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["new_key"]:
                if secrets.from_environment():
                    raise CommandError("The ring is in SURETY_KEYS: put a new key first there.")
                secrets.prepend_key(secrets.keys_file())
            first = secrets.ring().keys[0].id
        except SecretsUnusable as error:
            raise CommandError(error.message) from error
        self.counts = {"sealed again": 0, "already": 0, "failed": 0}
        keys = list(TenantKey.objects.values_list("tenant_id", "organization_id"))
        for tenant_id, _ in keys:
            with tenant_scope(tenant_id):
                self._rotate(organization_wide=False)
        for organization_id in sorted({organization for _, organization in keys}):
            with organization_scope(organization_id):
                self._rotate(organization_wide=True)
        text = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        self.stdout.write(f"Key {first}: {text}.")
        if self.counts["failed"]:
            raise CommandError("Some values do not open (see above). Keep the old keys until they do.")

    def _rotate(self, *, organization_wide: bool) -> None:
        for model, field in secrets.sealed_fields():
            if issubclass(model, OrganizationOwned) != organization_wide:
                continue
            held = model._default_manager.filter(**{f"{field}__isnull": False})
            for pk in held.values_list("pk", flat=True):
                with transaction.atomic():
                    row = model._default_manager.select_for_update().get(pk=pk)
                    try:
                        changed = secrets.rotate(row, field)
                    except SecretsUnusable as error:
                        self.counts["failed"] += 1
                        self.stderr.write(f"{model._meta.label} {pk}: {error.message}")
                        continue
                    if changed:
                        row.save(update_fields=[field])
                    self.counts["sealed again" if changed else "already"] += 1
