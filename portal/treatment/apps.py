"""The Django app of treatment."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "portal.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Register the validators of notices about treatments, because `portal.notify` may not import them.

        Refuse to start with an invalid malware scanner.
        """
        # These modules import models, which are not loaded when this module is imported.
        from portal.notify.notice_validity import register_validator
        from portal.treatment.actions.files.malware import check_setting
        from portal.treatment.notice_validators import VALIDATORS

        check_setting()

        for kind, validator in VALIDATORS.items():
            register_validator([kind], validator)
