"""The Django app of treatment."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "portal.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Notifications are below this package and ask it, before they mail, what still holds."""
        from portal.notify.notice_validity import register_validator  # apps are loaded before what they hold
        from portal.treatment import still_decisions
        from portal.treatment.still import HOLDS, still

        register_validator(HOLDS, still)
        register_validator(still_decisions.EXCEPTIONS, still_decisions.still_exceptions)
        register_validator(still_decisions.ATTESTATIONS, still_decisions.still_attestations)
