"""The Django app of the distribution of reports."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    name = "portal.distribution"
    label = "distribution"
