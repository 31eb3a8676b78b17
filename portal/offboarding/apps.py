"""The Django app of customers and people that leave."""

from django.apps import AppConfig


class OffboardingConfig(AppConfig):
    name = "portal.offboarding"
    # The names of tables begin with the label, and Django records applied migrations under it. So it must not change.
    label = "leaving"

    def ready(self) -> None:
        """Register the function that withdraws the erasure of a restored customer."""
        # Import the module here, because it imports models, and models are not loaded yet when apps.py is imported.
        from portal.offboarding.erasures.requests import withdraw_of_restored
        from tenants.actions.archiving import before_restoring

        before_restoring(withdraw_of_restored)
