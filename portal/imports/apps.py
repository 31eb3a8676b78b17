"""The Django app of imports."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "portal.imports"
    label = "imports"

    def ready(self) -> None:
        """Register the function that deletes an archived customer's secrets from unfinished imports."""
        # `portal.imports.archived` imports models, which Django has not loaded yet when it imports this file.
        from portal.imports.archived import enqueue_wiping
        from tenants.actions.archiving import after_archiving

        after_archiving(enqueue_wiping)
