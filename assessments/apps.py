"""The Django application `assessments`."""

from functools import cache

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """The engine. When Django starts, it registers the credential check and the key with which evidence masks personal
    data."""

    name = "assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments.actions import sign_in
        from assessments.estate.redact import key_masks
        from tenants import credentials, secrets

        credentials.register(sign_in.check)
        # The key ring is read once per process, so that masks do not change during an assessment.
        key_masks(cache(secrets.mask_key))
