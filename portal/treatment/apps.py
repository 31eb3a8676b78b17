"""The Django app of treatment."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "portal.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Notifications are below this package and ask it, before they mail, what still holds."""
        from portal.notify.rechecks import register  # apps are loaded before what they hold
        from portal.treatment import still_decisions
        from portal.treatment.still import HOLDS, still

        register(HOLDS, still)
        register(still_decisions.EXCEPTIONS, still_decisions.still_exceptions)
        register(still_decisions.ATTESTATIONS, still_decisions.still_attestations)
