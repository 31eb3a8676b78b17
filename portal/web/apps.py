"""Define the Django app of the pages. The app makes the template tags known to Django, and has no models."""

from django.apps import AppConfig
from django.core.validators import MaxValueValidator, MinValueValidator


class WebConfig(AppConfig):
    name = "portal.web"
    label = "web"
    verbose_name = "Pages"

    def ready(self) -> None:
        """Replace Django’s messages such as “Ensure this value is greater than or equal to 1.” with messages that say
        what to enter.
        """
        MinValueValidator.message = "Enter at least %(limit_value)s."
        MaxValueValidator.message = "Enter at most %(limit_value)s."
