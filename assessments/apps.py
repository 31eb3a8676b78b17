"""The Django application `assessments`."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """The engine: registers the credential check when Django starts."""

    name = "assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments.actions import sign_in
        from tenants import credentials

        credentials.register(sign_in.check)
