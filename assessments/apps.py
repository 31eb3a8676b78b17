"""Django's entry point of the engine."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """The engine's app: label `assessments`."""

    name = "assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments.actions import sign_in
        from tenants import credentials

        credentials.register(sign_in.check)
