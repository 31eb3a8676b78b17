"""Encrypt (“seal”) the secrets of second factors with the key ring. Each sealed secret is bound to its person.

`Authenticator.data` contains the key of an authenticator app, or recovery codes that the person has not seen yet. Rows
that an earlier version wrote contain the seed of recovery codes. A sealed text is
`surety1:<person id>:<base64 of the sealed value>`. allauth seals a secret before the row exists, so the person's id is
added when the row is saved. A sealed text that was copied to another person's row cannot be loaded.
"""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.db.models.signals import post_init, pre_save

from tenants import secrets
from tenants.errors import SecretsUnusable

_PREFIX = "surety1"
_NOBODY = "-"
# The encrypted values in `data`: the key of an authenticator app, the seed of old recovery codes, and new recovery
# codes.
SECRET_KEYS = ("secret", "seed", "fresh")
# The key in `data` for the newest time step (number of 30-second steps since 1970) whose code was accepted.
_TIME_STEP = "time_step"


def _context(person: str) -> str:
    return f"mfa.authenticator/{person}"


def seal(text: str, person: str) -> str:
    """Return the stored form of a secret of this person."""
    body = base64.b64encode(secrets.ring().seal(text, _context(person))).decode()
    return f"{_PREFIX}:{person}:{body}"


def is_sealed(stored: object) -> bool:
    """Return whether the text is a sealed secret. Return False if the text is a readable secret."""
    return isinstance(stored, str) and stored.startswith(f"{_PREFIX}:")


def person_of(stored: str) -> str:
    """Return the id of the person to whom the text is bound."""
    return stored.split(":", 2)[1]


def _sealed_bytes(stored: str) -> bytes:
    try:
        prefix, _, body = stored.split(":", 2)
        if prefix != _PREFIX:
            raise ValueError
        return base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        raise SecretsUnusable(
            "The stored second factor is not sealed. Run manage.py migrate, or remove this second factor.",
            code="sealed_malformed",
        ) from None


def unseal(stored: str) -> str:
    """Return the secret. Raise SecretsUnusable if the stored text was changed, or if its key is not in the key ring."""
    return secrets.ring().unseal(_sealed_bytes(stored), _context(person_of(stored))).reveal()


class SealingMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's adapter for second factors, changed so that it seals the secrets of second factors."""

    def encrypt(self, text: str) -> str:
        return seal(text, _NOBODY)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)


def use_code_of_app(authenticator: Authenticator, code: str) -> bool:
    """Mark a code of an authenticator app and all earlier codes of the app as used. Return False if the code was
    already used.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        secret, wanted = unseal(row.data["secret"]), normalize_user_code(code)
        steps = [
            step
            for step in yield_hotp_counters_from_time()
            if step > row.data.get(_TIME_STEP, -1) and format_hotp_value(hotp_value(secret, step)) == wanted
        ]
        if not steps:
            return False
        row.data[_TIME_STEP] = max(steps)
        row.save(update_fields=["data"])
    return True


def _bind(sender: object, instance: Authenticator, **kwargs: Any) -> None:
    if instance._state.adding and instance.type == Authenticator.Type.TOTP:
        # The code with which the app was added counts as used.
        instance.data[_TIME_STEP] = int(time.time()) // app_settings.TOTP_PERIOD
    for key in SECRET_KEYS:
        stored = instance.data.get(key)
        if stored is None:
            continue
        if not is_sealed(stored):
            raise SecretsUnusable("A second factor must be sealed before it is saved.", code="not_sealed")
        if person_of(stored) == _NOBODY:
            instance.data[key] = seal(unseal(stored), str(instance.user_id))
    _refuse_foreign(sender, instance)


def _refuse_foreign(sender: object, instance: Authenticator, **kwargs: Any) -> None:
    if "data" in instance.get_deferred_fields() or not isinstance(instance.data, dict):
        return
    for key in SECRET_KEYS:
        stored = instance.data.get(key)
        if is_sealed(stored) and person_of(str(stored)) not in (_NOBODY, str(instance.user_id)):
            raise SecretsUnusable(
                "This second factor was copied from another person. Remove it, and find out who wrote to the database.",
                code="sealed_tampered",
            )


def rotate() -> secrets.Rotated:
    """Re-encrypt all second factors with the first key of the key ring."""
    counts = secrets.Rotated()
    first = secrets.ring().keys[0].id
    for pk in Authenticator.objects.values_list("pk", flat=True):
        try:
            with transaction.atomic():
                row = Authenticator.objects.select_for_update().get(pk=pk)
                keys = [key for key in SECRET_KEYS if key in row.data]
                old = [key for key in keys if secrets.Sealed(_sealed_bytes(row.data[key])).key_id != first]
                for key in old:
                    row.data[key] = seal(unseal(row.data[key]), str(row.user_id))
                if old:
                    row.save(update_fields=["data"])
        except SecretsUnusable as error:
            counts.fail(f"mfa.Authenticator {pk}: {error.message}")
            continue
        if keys:
            counts.add(changed=bool(old))
    return counts


def connect() -> None:
    """Connect the handlers that bind second factors to their person and refuse those copied from other people.
    Register `rotate`.
    """
    pre_save.connect(_bind, sender=Authenticator, dispatch_uid="accounts.second_factors.bind")
    post_init.connect(_refuse_foreign, sender=Authenticator, dispatch_uid="accounts.second_factors.check")
    secrets.register_rotation("second factors", rotate)
