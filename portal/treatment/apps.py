"""The Django app of treatment."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "portal.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Notifications are below this package and ask it, before they mail, what still holds."""
        from portal.notify.rechecks import register  # apps are loaded before what they hold
        from portal.treatment.still import HOLDS, still

        register(HOLDS, still)
