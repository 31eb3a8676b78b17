"""The Django app of changes."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "portal.changes"
    label = "changes"

    def ready(self) -> None:
        """Register watch rules as settings of baselines, because `portal.treatment` may not import them."""
        # These modules import models, which are not loaded when this module is imported.
        from portal.changes.baseline_settings import OwnWatchRules, ShippedWatchRules
        from portal.treatment.baseline_settings import register_setting

        register_setting(OwnWatchRules())
        register_setting(ShippedWatchRules())
