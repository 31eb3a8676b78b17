"""Keeps secrets and personal data out of what is stored. Pure.

Verdicts must not change when a redacted document is judged again, so a mask keeps what rules look
at: an e-mail address stays an e-mail address, a phone number keeps its form, a secret stays present.
Source of the names: azure-mgmt models of November 2026 (fields that can carry secrets).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from assessments.estate.guests import home_domain, signs_in_elsewhere

REDACTED = "[redacted]"

_KEEP = {
    "keycreationtime", "keypolicy", "saspolicy", "allowsharedkeyaccess", "disablepasswordauthentication",
    "keysource", "keyvaultproperties", "keyexpirationperiodindays", "passwordpolicies", "keytype",
    "passwordvalidityperiodindays", "passwordnotificationwindowindays", "key1", "key2",
    "isstoragesecondarykeyinuse", "secureboot", "secretsoperator", "diskencryptionkey", "keyname",
    "signinactivity", "emailaccountadmins", "emailaddresses", "emailreceivers", "emailsubscriptionadmins",
}  # fmt: skip
_SECRET_KEY = re.compile(
    r"(password|secret|sharedkey|accesskey|accountkey|saskey|sastoken|connectionstring|customdata"
    r"|^userdata$|protectedsettings|authorizationkey|^serviceuri$|^callbackurl$|^httptriggerurl$"
    r"|webhookproperties|signingcertificate|privatekey|^keydata$|^claims$|accesssas|blobstoragesasuri"
    r"|^thumbprint$|rdpthumbprint|^sid$|administratorlogin$)"
)
_PERSONAL_KEYS = {
    "displayname", "givenname", "surname", "mail", "userprincipalname", "adminusername", "login", "mobilephone",
    "caller",
}  # fmt: skip
_SECRET_VALUE = re.compile(
    r"(sig=[^&\s]+|AccountKey=[^;\s]+|SharedAccessKey=[^;\s]+|Password=[^;\s]+|Bearer\s+\S+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*|-----BEGIN [A-Z ]+-----[\s\S]*)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+%-]+@(?=[\w-]+(?:\.[\w-]+)+)")
_MASKED = re.compile(r"masked-[0-9a-f]{10}((_[a-z0-9.-]+)?#EXT#)?")
_PHONE_KEYS = {"phone", "phones", "phonenumber", "phonenumbers", "mobilephone", "mobilephones"}


def _mark(text: str) -> str:
    return hashlib.sha256(text.casefold().encode()).hexdigest()[:10]


def _masked(text: str) -> str:
    """The mask of a text; what is a mask already stays, so that judging evidence again changes nothing."""
    return text if _MASKED.fullmatch(text) else f"masked-{_mark(text)}"


def _mask_email(match: re.Match[str]) -> str:
    # B2B guests are recognised by #EXT# in their user principal name; \w never matches '#'.
    return f"{_masked(match.group(0)[:-1])}@"


def _text(key: str, value: str) -> str:
    if key in _PHONE_KEYS:
        return re.sub(r"\d", "0", value)
    if key == "userprincipalname":
        local, at, domain = value.rpartition("@")
        if not at or _MASKED.fullmatch(local):
            return value if at else _masked(value)
        # A guest's home directory stays, as a member's domain does: whose MFA is trusted hangs on it.
        home = home_domain(value)
        external = (f"_{home}#EXT#" if home else "#EXT#") if signs_in_elsewhere(value) else ""
        return f"{_masked(local)}{external}@{domain}"
    if key in _PERSONAL_KEYS and "@" not in value:
        return value if key == "displayname" else _masked(value)
    if _may_hold_secret(value):
        value = _SECRET_VALUE.sub(REDACTED, value)
    return _EMAIL.sub(_mask_email, value) if "@" in value else value


def _may_hold_secret(value: str) -> bool:
    """Whether `_SECRET_VALUE` can find something: asked of every text, and nearly always answered with no."""
    if "=" in value or "-----" in value:
        return True
    lowered = value.lower()
    return "bearer" in lowered or "eyj" in lowered


@lru_cache(maxsize=4096)
def _is_secret(folded: str) -> bool:
    """Whether a property of that name holds a secret; the names are few, and asked for again and again."""
    return folded not in _KEEP and _SECRET_KEY.search(folded) is not None


def redact(value: Any, key: str = "", *, person: bool = False) -> Any:
    """The same JSON with secrets replaced and personal data masked; idempotent in effect.

    `person`: the document is a Graph user, whose display name is personal data too.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        folded = key.casefold()
        if _is_secret(folded):
            return REDACTED
        if person and folded == "displayname":
            return _masked(value)
        return _text(folded, value)
    if isinstance(value, list | tuple):
        return [redact(inner, key, person=person) for inner in value]
    if isinstance(value, Mapping):
        return {name: redact(inner, str(name), person=person) for name, inner in value.items()}
    return REDACTED if _is_secret(key.casefold()) else value
