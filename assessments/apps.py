"""The Django application `assessments`."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def import_modules(names: Iterable[str]) -> None:
    """Import the modules with the operator's own controls. Raise ImproperlyConfigured for a wrong name, so that
    operators notice the error when Surety starts.
    """
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            raise ImproperlyConfigured(
                f"SURETY_CONTROL_MODULES: the module {name} cannot be imported: {error}."
            ) from error


class AssessmentsConfig(AppConfig):
    """The application of the engine. When Django starts, the application registers the credential check, the key for
    masking personal data, and the operator's controls.
    """

    name = "assessments"
    label = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments.actions.credentials import sign_in
        from assessments.controls.registry import provide_own, use_modules
        from assessments.estate.redact import key_masks
        from assessments.own_controls.catalogue import own_controls_in_scope
        from tenants import secrets
        from tenants.azure import credentials

        credentials.register(sign_in.check)
        # The key ring is read once per process, so that masks do not change during an assessment.
        key_masks(cache(secrets.mask_key))
        provide_own(own_controls_in_scope)
        import_modules(settings.SURETY_CONTROL_MODULES)
        use_modules(settings.SURETY_CONTROL_MODULES)
