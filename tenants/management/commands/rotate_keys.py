"""Re-encrypt all sealed values with the first key of the key ring."""

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
        "Re-encrypts all sealed values with the first key of the key ring. With --new-key, it first adds a new key "
        "to the top of the keys file. If it reports no failure, you can remove the old keys."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new-key", action="store_true", help="add a new key to the top of the keys file first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["new_key"]:
                if secrets.from_environment():
                    raise CommandError(
                        "SURETY_KEYS is set, so there is no keys file to change. Add a new key at the "
                        "start of SURETY_KEYS, then run this command without --new-key."
                    )
                secrets.prepend_key(secrets.keys_file())
            first = secrets.ring().keys[0].id
        except SecretsUnusable as error:
            raise CommandError(error.message) from error
        self.counts = {"re-encrypted": 0, "already current": 0, "failed": 0}
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
            raise CommandError(
                "Some values could not be decrypted (see above). Keep the old keys, fix these values, then run this "
                "command again."
            )

    def _rotate(self, *, organization_wide: bool) -> None:
        for model, field in secrets.sealed_fields():
            if issubclass(model, OrganizationOwned) != organization_wide:
                continue
            rows = model._default_manager.filter(**{f"{field}__isnull": False})
            for pk in rows.values_list("pk", flat=True):
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
                    self.counts["re-encrypted" if changed else "already current"] += 1
