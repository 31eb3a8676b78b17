"""The composition root as a Django app: commands and what ties the parts together."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"
