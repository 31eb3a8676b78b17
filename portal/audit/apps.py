"""The Django app of streams and anchors."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"

    def ready(self) -> None:
        """Refuse to start with invalid settings, so that a typo cannot stop the stream unnoticed."""
        from portal.audit import receivers  # reads settings

        try:
            receivers.configured()
        except ValueError as error:
            raise ImproperlyConfigured(f"SURETY_JOURNAL_STREAM: {error}") from None
