"""The Django application `assessments`."""

from functools import cache

from django.apps import AppConfig
from django.conf import settings


class AssessmentsConfig(AppConfig):
    """The engine. When Django starts, it registers the credential check, the key with which evidence masks personal
    data, and controls that are not part of Surety."""

    name = "assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments.actions import sign_in
        from assessments.controls.registry import provide_own, use_modules
        from assessments.estate.redact import key_masks
        from assessments.own_catalogue import own_controls_in_scope
        from tenants import credentials, secrets

        credentials.register(sign_in.check)
        # The key ring is read once per process, so that masks do not change during an assessment.
        key_masks(cache(secrets.mask_key))
        provide_own(own_controls_in_scope)
        use_modules(settings.SURETY_CONTROL_MODULES)
