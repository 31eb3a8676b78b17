"""The Django app of customers that leave."""

from django.apps import AppConfig


class LeavingConfig(AppConfig):
    name = "portal.leaving"
    label = "leaving"
