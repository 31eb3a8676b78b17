"""The Django app of configuration files."""

from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "portal.configuration"
    label = "configuration"
