"""The Django app `portal`, which contains the management commands."""

import gc

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from portal import deployment_checks  # noqa: F401  (importing it registers the system checks)

        if not gc.isenabled():  # manage.py has disabled the garbage collector for a faster start.
            gc.freeze()
            gc.enable()
