"""Mask secrets and personal data before documents are stored. Pure functions.

A redacted document must get the same verdict as the original document. So a masked email address still has the form of
an email address, a masked phone number keeps its format, and a masked secret is not empty. The names of secret
properties come from the models of the azure-mgmt libraries of November 2026.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from assessments.estate.identity.guests import home_domain, signs_in_elsewhere

REDACTED = "[redacted]"

_KEEP = {
    "keycreationtime",
    "keypolicy",
    "saspolicy",
    "allowsharedkeyaccess",
    "allowsharedkeyaccessforservices",
    "disablepasswordauthentication",
    "disableaccesskeyauthentication",
    "accesskeysauthentication",
    "keysource",
    "keyvaultproperties",
    "keyexpirationperiodindays",
    "passwordauth",
    "passwordcredentials",
    "passwordpolicies",
    "keytype",
    "passwordvalidityperiodindays",
    "passwordnotificationwindowindays",
    "key1",
    "key2",
    "isstoragesecondarykeyinuse",
    "secureboot",
    "secretsoperator",
    "diskencryptionkey",
    "keyname",
    "signinactivity",
    "emailaccountadmins",
    "emailaddresses",
    "emailreceivers",
    "emailsubscriptionadmins",
}
_SECRET_KEY = re.compile(
    r"(password|secret|sharedkey|accesskey|accountkey|saskey|sastoken|connectionstring|customdata"
    r"|^userdata$|protectedsettings|authorizationkey|^serviceuri$|^callbackurl$|^httptriggerurl$"
    r"|webhookproperties|signingcertificate|privatekey|^keydata$|^claims$|accesssas|blobstoragesasuri"
    r"|^(primary|secondary)(readonly)?(master)?key$|^encodedcertificate$"
    r"|^thumbprint$|rdpthumbprint|^sid$|administratorlogin$|instrumentation-?key|app-insights-conn-string"
    r"|commandtoexecute|passphrase|passwd|adminpass|^api-?key$|^authorization$|subscription-key$"
    r"|(access|refresh|bearer)[-_]?token$|(^|[-_.])(pass|pwd?|token)$)"
)
# The names of HTTP headers whose values are secrets. The settings of application gateways and of Front Door (classic)
# contain headers that they add to requests.
_SECRET_HEADER = re.compile(r"auth|cookie|key|secret|token|passw|signature", re.IGNORECASE)
_HEADER_VALUES = {"headerValue", "headerValueMatcher", "value"}
# Some rules compare a part of a request, such as a header, with the value of one of these properties. Such rules exist
# in web application firewalls (of Front Door and application gateways), in rules engines of Front Door (classic), and
# in application gateways that rewrite requests.
_COMPARED = {"matchValue", "matchValues", "rulesEngineMatchValue", "pattern"}
_PERSONAL_KEYS = {
    "displayname",
    "givenname",
    "surname",
    "mail",
    "userprincipalname",
    "adminusername",
    "login",
    "mobilephone",
    "caller",
}
_SECRET_VALUE = re.compile(
    r"(sig=[^&\s]+|sig%3d[^&;\s]+|(?:Account|(?:Shared)?Access)Key=[^;\s]+|(?:Password|Pwd)=[^;\s]+|Bearer\s+\S+"
    # Connection strings of App Configuration, and tokens in addresses.
    r"|(?<=[;\s])Secret=[^;\s]+|(?<=[?&])(?:access_)?token=[^&\s]+"
    # Client secrets of applications, API keys, and the keys of function apps in URLs (`?code=…`).
    r"|(?:client_secret|api[-_]?key)=[^&;\s]+|(?<=[?&])code=[^&\s]+"
    r"|-----BEGIN [A-Z ]+-----[\s\S]*|(?<=://)[^/@\s:]*:[^/@\s]*(?=@))",
    re.IGNORECASE,
)
# A JSON web token begins with `eyJ`. The group of `_TOKEN` matches the characters directly before the token: these
# characters stay in the text. `_TOKEN` and `_EMAIL` start only at the beginning of a run of matching characters, so
# that they take linear time. If they started anywhere, one text could occupy a worker for hours.
_TOKEN = re.compile(r"(?<![\w-])(?>([\w-]*?)eyJ)[\w-]++\.[\w-]++\.[\w-]*", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+%-])(?=[.+%-]*+\w)[\w.+%-]++@(?=[\w-]++(?:\.[\w-]+)+)")
_MASKED = re.compile(r"masked-[0-9a-f]{10}((_[a-z0-9.-]+)?#EXT#)?")
_PHONE_KEYS = {"phone", "phones", "phonenumber", "phonenumbers", "mobilephone", "mobilephones"}


# If no key is configured, each process uses a random key, so masks differ between processes.
_RANDOM_KEY = secrets.token_bytes(32)
_keys: list[Callable[[], bytes]] = [lambda: _RANDOM_KEY]


def key_masks(provider: Callable[[], bytes]) -> None:
    """Set the function that returns the key of all masks. The application calls `key_masks` when it starts."""
    _keys[:] = [provider]


def _mark(text: str) -> str:
    return hmac.new(_keys[0](), text.casefold().encode(), hashlib.sha256).hexdigest()[:10]


def _masked(text: str) -> str:
    """Mask a text. A text that is already a mask does not change, so that stored evidence can be redacted again."""
    return text if _MASKED.fullmatch(text) else f"masked-{_mark(text)}"


def _mask_email(match: re.Match[str]) -> str:
    # Controls recognize B2B guests by #EXT# in their user principal names. `_EMAIL` does not match '#', so #EXT# is not
    # masked.
    return f"{_masked(match.group(0)[:-1])}@"


def _mask_token(match: re.Match[str]) -> str:
    return f"{match[1]}{REDACTED}"


def _text(key: str, value: str) -> str:
    """Redact the text of a property. `key` is the name of the property in lower case."""
    if key in _PHONE_KEYS:
        return re.sub(r"\d", "0", value)
    if key == "userprincipalname":
        local, at, domain = value.rpartition("@")
        if not at or _MASKED.fullmatch(local):
            return value if at else _masked(value)
        # The home domain of a guest determines the directory whose MFA may be trusted. So the home domain is not
        # masked.
        home = home_domain(value)
        external = (f"_{home}#EXT#" if home else "#EXT#") if signs_in_elsewhere(value) else ""
        return f"{_masked(local)}{external}@{domain}"
    if key in _PERSONAL_KEYS and "@" not in value:
        return value if key == "displayname" else _masked(value)
    return _plain_text(value)


def _plain_text(value: str) -> str:
    """Redact a text of a property whose name does not show that the text is personal or secret. Quick checks come
    first, because nearly every text contains nothing to redact.
    """
    lowered = value.lower()
    if (
        "@" not in value
        and "=" not in value
        and "-----" not in value
        and "bearer" not in lowered
        and "eyj" not in lowered
    ):
        return value
    return _EMAIL.sub(_mask_email, _TOKEN.sub(_mask_token, _SECRET_VALUE.sub(REDACTED, value)))


@lru_cache(maxsize=4096)
def _is_secret(folded: str) -> bool:
    """Return whether a property with this name holds a secret. The result is cached, because the same few names occur
    very often.
    """
    return folded not in _KEEP and _SECRET_KEY.search(folded) is not None


@lru_cache(maxsize=4096)
def _rule_of(key: str) -> str:
    """Return how to redact the texts of a property with this name. Return REDACTED for a secret, and the lower-case
    name if `_text` has a rule for it. Otherwise, return an empty text.
    """
    folded = key.casefold()
    if _is_secret(folded):
        return REDACTED
    return folded if folded in _PHONE_KEYS or folded in _PERSONAL_KEYS else ""


def _compares_secret(condition: Mapping[str, Any]) -> bool:
    """Return whether a condition of a rule checks a header whose name shows that its value is a secret."""
    variables = condition.get("matchVariables")
    selectors = [condition.get("selector"), condition.get("variable")]
    if isinstance(variables, list):
        selectors += [one.get("selector") for one in variables if isinstance(one, Mapping)]
    return any(_SECRET_HEADER.search(str(one)) for one in selectors if one)


def redact(value: Any, key: str = "", *, person: bool = False) -> Any:
    """Return a JSON value with secrets replaced and personal data masked. Redacting the result again changes nothing.

    `key` is the property's name, if any. If `person` is true, the value describes a person, so display names are masked
    too.
    """
    return _redacted(value, key, person)


def _redacted(value: Any, key: str, person: bool) -> Any:
    # Check the most frequent types first, because this function runs for every value of every document.
    if isinstance(value, str):
        rule = _rule_of(key)
        if not rule:
            return _plain_text(value)
        if rule is REDACTED:
            return REDACTED
        if person and rule == "displayname":
            return _masked(value)
        return _text(rule, value)
    # Check for dict before Mapping: nearly every object is a dict, and a check for Mapping is much slower.
    if isinstance(value, (dict, Mapping)):
        found = {name: _redacted(inner, str(name), person) for name, inner in value.items()}
        if "headerName" in found and _SECRET_HEADER.search(str(found["headerName"])):
            found |= dict.fromkeys(found.keys() & _HEADER_VALUES, REDACTED)
        for name in found.keys() & _COMPARED:
            if _compares_secret(found):
                found[name] = REDACTED if isinstance(found[name], str) else [REDACTED]
        return found
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [_redacted(inner, key, person) for inner in value]
    return REDACTED if _rule_of(key) is REDACTED else value
