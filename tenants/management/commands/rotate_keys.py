"""Re-encrypt all sealed values with the first key of the key ring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tenants import secrets
from tenants.actions.organizations import lock_settings
from tenants.errors import SecretsUnusable
from tenants.models import Tenant, TenantKey
from tenants.models.base import OrganizationOwned, TenantOwned
from tenants.scope import organization_scope, tenant_scope
from tenants.selectors import organization_ids


class Command(BaseCommand):
    help = (
        "Encrypt all sealed values again with the first key of the key ring. The option --new-key first adds a new"
        " key at the top of the keys file. If the command reports no failure, you can remove the old keys."
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
                        "The keys are in SURETY_KEYS, so there is no keys file that this command could change. Add a"
                        " new key at the start of SURETY_KEYS, then run this command without --new-key."
                    )
                secrets.prepend_key(secrets.keys_file())
            first = secrets.ring().keys[0].id
        except SecretsUnusable as error:
            raise CommandError(error.message) from error
        self.counts = {"re-encrypted": 0, "already current": 0, "failed": 0}
        for tenant_id in TenantKey.objects.values_list("tenant_id", flat=True):
            with tenant_scope(tenant_id):
                # A trigger reads the tenant when a credential changes, so lock the tenant before the credential.
                lock_settings(Tenant.objects.filter(pk=tenant_id))
                self._rotate(TenantOwned)
        for organization_id in organization_ids():
            with organization_scope(organization_id):
                self._rotate(OrganizationOwned)
        self._rotate(None)
        for rotate in secrets.rotations():
            self._count(rotate())
        text = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        self.stdout.write(f"Key {first}: {text}.")
        if self.counts["failed"]:
            raise CommandError(
                "Some values could not be decrypted (see above). Keep the old keys. Add the missing keys again, or"
                " enter these values again, then run this command again."
            )

    def _rotate(self, base: type[TenantOwned] | type[OrganizationOwned] | None) -> None:
        """Re-encrypt the encrypted columns of the models that are derived from `base`. If `base` is None, re-encrypt
        the columns of the models that belong neither to a tenant nor to an organization.

        Only rows in the open scope are re-encrypted.
        """
        counts = secrets.Rotated()
        for model, field in secrets.sealed_fields():
            owned = issubclass(model, TenantOwned | OrganizationOwned)
            if not issubclass(model, base) if base else owned:
                continue
            rows = model._default_manager.filter(**{f"{field}__isnull": False})
            for pk in rows.values_list("pk", flat=True):
                with transaction.atomic():
                    row = model._default_manager.select_for_update().filter(pk=pk).first()
                    if row is None:  # The row was deleted in the meantime.
                        continue
                    try:
                        changed = secrets.rotate(row, field)
                    except SecretsUnusable as error:
                        counts.fail(f"{model._meta.label} {pk}: {error.message}")
                        continue
                    if changed:
                        row.save(update_fields=[field])
                    counts.add(changed=changed)
        self._count(counts)

    def _count(self, rotated: secrets.Rotated) -> None:
        self.counts["re-encrypted"] += rotated.changed
        self.counts["already current"] += rotated.current
        self.counts["failed"] += len(rotated.failures)
        for message in rotated.failures:
            self.stderr.write(message)
