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
        # Imported here, because these modules import models, which Django loads before it calls this method.
        from portal.accounts import events, second_factors
        from portal.accounts.emergency import alarm_webhook
        from portal.accounts.mfa import passkeys, recovery_codes

        second_factors.connect()
        recovery_codes.connect()
        passkeys.connect()
        events.connect()
        alarm_webhook.check_settings()
