"""The Django app of the pages. It makes their template tags known to Django, and has no models."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "portal.web"
    label = "web"
    verbose_name = "Pages"
