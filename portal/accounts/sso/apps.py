"""The Django app in which allauth finds the provider. The app has no models."""

from django.apps import AppConfig


class SingleSignOnConfig(AppConfig):
    name = "portal.accounts.sso"
    label = "single_sign_on"
