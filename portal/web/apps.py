"""The Django app of the pages (for its template tags; it has no models)."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "portal.web"
    label = "web"
    verbose_name = "Pages"
