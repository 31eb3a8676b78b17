"""Django's entry point of the engine."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """The engine's app: label `assessments`."""

    name = "assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"
