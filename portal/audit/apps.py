"""The Django app of streams and anchors."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"

    def ready(self) -> None:
        """Refuse to start with invalid settings. Otherwise a typo could stop the stream or the anchors
        unnoticed."""
        # Import `receivers` only here, because it imports modules that read the settings.
        from portal.audit import receivers

        receivers.check_settings()
