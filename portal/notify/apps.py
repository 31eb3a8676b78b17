"""The Django app of notifications."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class NotifyConfig(AppConfig):
    name = "portal.notify"
    label = "notify"

    def ready(self) -> None:
        """Refuse to start with invalid settings, because an ignored typo could permit or block addresses unnoticed."""
        # Import this module only here, because importing it also imports modules that read the settings.
        from portal.notify.addresses import Exemptions

        for name in ("SURETY_WEBHOOK_ALLOWED_HOSTS", "SURETY_REVOCATION_ALLOWED_HOSTS"):
            try:
                Exemptions.parse(getattr(settings, name))
            except ValueError as error:
                raise ImproperlyConfigured(f"{name}: {error}.") from None
        if settings.SURETY_WEBHOOK_CA_FILE and not Path(settings.SURETY_WEBHOOK_CA_FILE).is_file():
            raise ImproperlyConfigured(
                f"SURETY_WEBHOOK_CA_FILE={settings.SURETY_WEBHOOK_CA_FILE!r} is not a file. Set it to "
                "the path of a PEM file."
            )
