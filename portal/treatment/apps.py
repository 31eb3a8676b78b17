"""The Django app of treatment."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "portal.treatment"
    label = "treatment"

    def ready(self) -> None:
        """Register the kinds of notice about treatments; notifications may not import this package."""
        from portal.notify.notice_validity import register_validator  # needs the models, which load first
        from portal.treatment import notice_validity, notice_validity_decisions

        register_validator(notice_validity.VALIDATORS, notice_validity.current_texts)
        register_validator(
            notice_validity_decisions.EXCEPTION_KINDS, notice_validity_decisions.validate_exception_notices
        )
        register_validator(
            notice_validity_decisions.ATTESTATION_KINDS,
            notice_validity_decisions.validate_attestation_notices,
        )
