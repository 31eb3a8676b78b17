"""The Django app of changes."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "portal.changes"
    label = "changes"

    def ready(self) -> None:
        """Register the watch rules as settings of baselines, and the validator of notices about overdue changes.
        `portal.treatment` and `portal.notify` use these, but may not import this package.
        """
        # Import the modules here, because they import models. When Django imports this file, no models are loaded yet.
        from portal.changes.baseline_settings import OwnWatchRules, ShippedWatchRules
        from portal.changes.notice_validity import still_overdue
        from portal.notify.notice_validity import register_validator
        from portal.treatment.baseline_settings import register_setting

        register_setting(OwnWatchRules())
        register_setting(ShippedWatchRules())
        register_validator(["change_overdue"], still_overdue)
