"""The Django app of customers that leave."""

from django.apps import AppConfig


class LeavingConfig(AppConfig):
    name = "portal.leaving"
    label = "leaving"

    def ready(self) -> None:
        """Register the function that withdraws the erasure of a restored customer."""
        # The module imports models, which are not loaded when this module is imported.
        from portal.leaving.erasures import withdraw_of_restored
        from tenants.actions.archiving import before_restoring

        before_restoring(withdraw_of_restored)
