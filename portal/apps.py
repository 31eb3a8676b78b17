"""The Django app `portal`, which contains the management commands."""

import gc

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from portal import deployment_checks  # noqa: F401  (importing it registers the system checks)

        # manage.py disables the garbage collector while Django starts. Enable it now, and let it ignore all objects
        # that exist so far, because most of them exist until the process ends.
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
