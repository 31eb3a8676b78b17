"""The Django app of changes."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "portal.changes"
    label = "changes"

    def ready(self) -> None:
        """Register watch rules as settings of baselines, and the validator of notices of overdue changes, because
        `portal.treatment` and `portal.notify` may not import them.
        """
        # These modules import models, which are not loaded when this module is imported.
        from portal.changes.baseline_settings import OwnWatchRules, ShippedWatchRules
        from portal.changes.notice_validity import still_overdue
        from portal.notify.notice_validity import register_validator
        from portal.treatment.baseline_settings import register_setting

        register_setting(OwnWatchRules())
        register_setting(ShippedWatchRules())
        register_validator(["change_overdue"], still_overdue)
