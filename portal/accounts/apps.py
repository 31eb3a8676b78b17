"""The Django app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Connect the receivers of signals, replace allauth's recovery codes, and add checks of passkeys.

        Refuse to start if the settings name an invalid webhook for alarms.
        """
        # Import these modules here: they import models, and Django loads the models before it calls this method.
        from portal.accounts import events, second_factors
        from portal.accounts.emergency import alarm_webhook
        from portal.accounts.mfa import passkeys, recovery_codes

        second_factors.connect()
        recovery_codes.connect()
        passkeys.connect()
        events.connect()
        alarm_webhook.check_settings()
