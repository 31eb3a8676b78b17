"""The Django app of treatment."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "portal.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Register the validators of notices about treatments. `portal.notify` calls them, but may not import this app.

        Raise ImproperlyConfigured if the malware scanner is invalid, so that Surety does not start.
        """
        # Import these modules here, because they import models, and models are not loaded when this module is imported.
        from portal.notify.notice_validity import register_validator
        from portal.treatment.actions.files.malware import check_setting
        from portal.treatment.notice_validators import VALIDATORS

        check_setting()

        for kind, validator in VALIDATORS.items():
            register_validator([kind], validator)
