"""The Django app `portal`, which contains the management commands."""

import gc

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from portal import deployment_checks  # noqa: F401  (importing it registers the system checks)

        if not gc.isenabled():  # manage.py disabled the garbage collector, so that the start is faster.
            gc.freeze()
            gc.enable()
