"""Recovery codes of 140 random bits, which are shown once, and of which only hashes are stored.

allauth derives codes of eight digits from a stored seed, so anyone who knows the seed can compute the codes. No setting
replaces allauth's class of recovery codes, so `connect` replaces the methods of this class.

`Authenticator.data` contains `hashes` of the unused codes. Until the person has seen the codes, it also contains the
sealed codes (`fresh`). `password_hashes` are slow hashes of unused codes that an earlier version of Surety created:
these codes are too short for a fast hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from typing import Any, Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.hashers import check_password
from django.db import transaction

COUNT: Final = 10
# 32 letters and digits (5 bits each). Letters and digits that look alike are left out.
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 7, 4
_HIDDEN: Final = "····"
FRESH: Final = "fresh"
# The form of the codes of an earlier version. Comparing a code with the slow hashes takes seconds, so only codes of
# this form are compared with the slow hashes.
_OLD_CODE: Final = re.compile("[0-9]{8}")


def new_code() -> str:
    """Return a new random code, in groups that are easy to copy."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def hash_code(person_id: object, code: str) -> str:
    """Return the stored form of a code. Codes are random (140 bits), so the hash needs no salt and need not be slow."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"recovery code of {person_id}: {letters}".encode()).hexdigest()


def _activate(cls: type[RecoveryCodes], user: Any) -> RecoveryCodes:
    kind = Authenticator.Type.RECOVERY_CODES
    row = Authenticator.objects.filter(user_id=user.pk, type=kind).first()
    if row is None:
        codes = [new_code() for _ in range(COUNT)]
        hashes = [hash_code(user.pk, code) for code in codes]
        data = {FRESH: get_adapter().encrypt("\n".join(codes)), "hashes": hashes}
        row = Authenticator.objects.create(user=user, type=kind, data=data)
    return cls(row)


def _unused_codes(self: RecoveryCodes) -> list[str]:
    """Return the unused codes. If the codes were already shown, return the same number of placeholders instead."""
    data = self.instance.data
    hashes = data.get("hashes", [])
    if not hasattr(self, "_shown"):
        if FRESH not in data:
            return [_HIDDEN] * (len(hashes) + len(data.get("password_hashes", [])))
        self._shown = get_adapter().decrypt(data[FRESH]).split("\n")
    return [code for code in self._shown if hash_code(self.instance.user_id, code) in hashes]


def _mark_as_viewed(self: RecoveryCodes) -> None:
    """Read the sealed codes into this object, because the page shows them now. Then delete them from the row, so that
    only their hashes remain.
    """
    if self.did_view:
        return
    with transaction.atomic():
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        if not self.did_view:
            _unused_codes(self)
        self.instance.data.pop(FRESH, None)
        self.instance.data["viewed_at"] = time.time()
        self.instance.save(update_fields=["data"])


@transaction.atomic
def _validate_code(self: RecoveryCodes, code: str) -> bool:
    """Return whether the text is an unused code. If so, delete its hash, so that the code cannot be used again."""
    row = self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
    hashes, known = row.data.get("hashes", []), hash_code(row.user_id, code)
    old = row.data.get("password_hashes", [])
    if known in hashes:
        row.data["hashes"] = [one for one in hashes if one != known]
    elif found := [
        one for one in old if _OLD_CODE.fullmatch(code.strip()) and check_password(code.strip(), one)
    ]:
        row.data["password_hashes"] = [one for one in old if one not in found]
    else:
        return False
    row.save(update_fields=["data"])
    return True


def connect() -> None:
    """Replace the methods of allauth's class of recovery codes."""
    RecoveryCodes.activate = classmethod(_activate)
    RecoveryCodes.generate_codes = RecoveryCodes.get_unused_codes = _unused_codes
    RecoveryCodes.mark_as_viewed = _mark_as_viewed
    RecoveryCodes.validate_code = _validate_code
