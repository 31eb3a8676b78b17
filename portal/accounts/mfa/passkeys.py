"""Check security keys and passkeys. WebAuthn (sections 7.1 and 7.2) requires the first three of the following checks,
but allauth and python-fido2 omit them.

- A challenge is for one ceremony of one person, works once, and ends after ten minutes. allauth has only one challenge
  per session. Without this check, the answer to a challenge for a second factor would also be accepted for a sign-in
  with a passkey, although only the sign-in requires user verification (such as a PIN).
- The origin in an answer must be the page's own origin, not a subdomain or another port. No other origin may embed the
  page.
- A credential belongs to one account. If the counter of a credential does not grow, the credential may have been
  copied.
- Only short answers are parsed, because the parsing time grows with the square of an answer's length. Only those parts
  of an answer are stored that are used later.
"""

from __future__ import annotations

import binascii
import json
import struct
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from fido2.cose import UnsupportedKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import AuthenticationResponse, PublicKeyCredentialRpEntity, RegistrationResponse

from portal.accounts.mfa.second_factor_forms import TOO_MANY
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import Limit, Reason, record_limit, record_refusal
from tenants.models import Person
from tenants.values.visible_text import has_letter_or_digit

log = structlog.get_logger(__name__)

MAX_ANSWER: Final = {"get": 8_192, "create": 32_768}
"""The maximum number of characters of an answer. Real answers have about 1,000, and up to 10,000 with an attestation by
the manufacturer.
"""
MAX_NAME: Final = 100
CHALLENGE_SECONDS: Final = 600
COUNTER: Final = "counter"
"""The key in `Authenticator.data` under which the counter of the last use is stored."""
_KEY: Final = Authenticator.Type.WEBAUTHN
# Two error codes: allauth's code for a wrong answer, and Surety's own code for a key whose counter did not grow.
_REFUSED: Final = "incorrect_code"
_COPIED: Final = "copied_key"
_NO_ANSWER: Final = "The browser sent no answer of a security key or passkey. Try again."
_ANSWER: Final = {
    "get": ("clientDataJSON", "authenticatorData", "signature", "userHandle"),
    "create": ("clientDataJSON", "attestationObject"),
}
# The exceptions that python-fido2 raises for damaged answers.
_DAMAGED: Final = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    struct.error,
    binascii.Error,
)


class AnswerField(forms.Field):
    """A form field for a browser's answer to a challenge, as JSON. The value of the field is a dictionary that contains
    only the used parts of the answer.
    """

    widget = forms.HiddenInput

    def __init__(self, kind: str) -> None:
        super().__init__(required=True, error_messages={"required": _NO_ANSWER})
        self.kind = kind

    def to_python(self, value: Any) -> Any:
        # If the browser sent no answer, return None. The error is then `required` instead of `_refused()`, because
        # there is no wrong answer.
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, str) and len(value) > MAX_ANSWER[self.kind]:
            raise _refused()
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError):
            raise _refused() from None
        return _used_parts(found, self.kind)


def _used_parts(found: object, kind: str) -> dict[str, Any]:
    answer = found.get("response") if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(answer, Mapping):
        raise _refused()
    texts = {name: answer[name] for name in _ANSWER[kind] if answer.get(name) is not None}
    ids = {name: found.get(name) for name in ("id", "rawId", "type")}
    if not all(isinstance(text, str) for text in (*texts.values(), *ids.values())):
        raise _refused()
    extensions = found.get("clientExtensionResults")
    properties = extensions.get("credProps") if isinstance(extensions, Mapping) else None
    is_resident = properties.get("rk") is True if isinstance(properties, Mapping) else False
    return {**ids, "response": texts, "clientExtensionResults": {"credProps": {"rk": is_resident}}}


class _Authentication:
    """The common part of the three forms that accept an answer to a challenge: sign-in, second factor,
    re-authentication.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = AnswerField("get")  # type: ignore[attr-defined]  # of Django's form
        self._answer: dict[str, Any] = {}

    def clean_credential(self) -> Authenticator:
        answer = self._answer = self.cleaned_data["credential"]  # type: ignore[attr-defined]
        response = _parsed(AuthenticationResponse, answer)
        _require_challenge("get", self.user)  # type: ignore[attr-defined]
        found: Authenticator = super().clean_credential()  # type: ignore[misc]
        _note_counter(found, response.response.authenticator_data.counter)
        return found

    def clean(self) -> dict[str, Any] | None:
        """Check the answer. Record a refused answer here, because allauth sends a signal only for wrong codes of other
        second factors.
        """
        errors = self.errors.get("credential")  # type: ignore[attr-defined]
        code = errors.as_data()[0].code if errors else None
        user: Person | None = self.user  # type: ignore[attr-defined]
        if code == TOO_MANY and user is not None:
            record_limit(user, context.request, Limit.SECOND_FACTOR, method=Method.SECOND_FACTOR)
        if code in (_COPIED, _REFUSED):
            person = user or _named_person(self._answer)
            reason = Reason.COPIED_KEY if code == _COPIED else Reason.WRONG_KEY
            if person is None:
                log.info("sign_in_failed", known=False, reason=str(reason))
            else:
                record_refusal(person, context.request, method=Method.SECOND_FACTOR, reason=reason)
        cleaned: dict[str, Any] | None = super().clean()  # type: ignore[misc]
        return cleaned


class AuthenticateForm(_Authentication, allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The form for a security key as the second factor of a sign-in."""


class ReauthenticateForm(_Authentication, allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The form for a security key or passkey at a re-authentication."""


class LoginForm(_Authentication, allauth_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """The form for a sign-in with a passkey instead of a password."""


class AddForm(allauth_forms.AddWebAuthnForm):  # type: ignore[misc]
    """The form that adds a security key or passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = AnswerField("create")
        self.fields["name"].max_length = MAX_NAME

    def clean_name(self) -> str:
        name = _one_line(str(super().clean_name()))
        if has_letter_or_digit(name):
            return name
        return str(get_adapter().generate_authenticator_name(self.user, _KEY))

    def clean(self) -> dict[str, Any]:
        answer = self.cleaned_data.get("credential")
        if not answer:
            return dict(self.cleaned_data)
        data = _parsed(RegistrationResponse, answer).response.attestation_object.auth_data.credential_data
        if data is None or isinstance(data.public_key, UnsupportedKey):
            raise _refused()
        identifier = websafe_encode(data.credential_id)
        if not identifier == answer["id"] == answer["rawId"]:
            raise _refused()
        _require_challenge("create", self.user)
        found: dict[str, Any] = super().clean()
        keys = Authenticator.objects.filter(type=_KEY)
        if keys.filter(data__credential__id=identifier).exists():
            raise ValidationError(
                "This security key is already registered. Choose another one.", code="already_used"
            )
        return found


class EditForm(allauth_forms.EditWebAuthnForm):  # type: ignore[misc]
    """The form that renames a security key or passkey."""

    def clean_name(self) -> str:
        name = _one_line(self.cleaned_data["name"])
        if not has_letter_or_digit(name) and name != self.instance.wrap().name:
            raise ValidationError("Enter a name with at least one letter or digit.", code="name_missing")
        return name


def _one_line(name: str) -> str:
    """Return the name of a key in one line, without invisible characters, and cut to `MAX_NAME` characters."""
    return "".join(one for one in " ".join(name.split()) if one.isprintable())[:MAX_NAME]


def _parsed[T: (AuthenticationResponse, RegistrationResponse)](kind: type[T], answer: Mapping[str, Any]) -> T:
    """Parse an answer. Raise ValidationError if the answer is damaged, or was given to an embedded page."""
    try:
        found = kind.from_dict(answer)
    except _DAMAGED:
        raise _refused() from None
    client_data = found.response.client_data
    # Refuse an answer with `topOrigin`: only an answer that was given to an embedded page has it.
    if client_data.cross_origin or "topOrigin" in json.loads(client_data):
        raise _refused()
    return found


def _refused() -> ValidationError:
    error: ValidationError = get_adapter().validation_error(_REFUSED)
    return error


def _named_person(answer: dict[str, Any]) -> Person | None:
    """Return the person whom the answer of a passkey names, or None if there is no such person. The answer is not
    checked yet.
    """
    try:
        person: Person = auth.extract_user_from_response(answer)
    except ValidationError:
        return None
    return person


def _note_counter(found: Authenticator, new: int) -> None:
    """Store the counter that the key sent with this use. Refuse the use if the counter has not grown since the last
    use.
    """
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=found.pk)
        last = row.data.get(COUNTER, row.wrap().authenticator_data.counter)
        # Accept 0 after 0: passkeys that are synchronised between devices do not count their uses.
        if (new or last) and new <= last:
            log.warning("counter of a security key did not grow", person=str(row.user_id), key=row.pk)
            raise ValidationError(
                "The use counter of this security key did not increase, so somebody may have copied the key. Sign in"
                " another way, remove the key, and tell your administrator.",
                code=_COPIED,
            )
        row.data[COUNTER] = new
        row.save(update_fields=["data"])
    found.data = row.data


def _require_challenge(kind: str, person: Any) -> None:
    """Refuse an answer if the session's challenge is for another ceremony or person, or too old."""
    state = auth.get_state() or {}
    fits = (state.get("kind"), state.get("person")) == (kind, _id(person))
    if not fits or not 0 <= time.time() - state.get("at", 0) < CHALLENGE_SECONDS:
        auth.clear_state()
        raise _refused()


def _id(person: Any) -> str:
    return "" if person is None else str(person.pk)


def _bind_challenge(kind: str, person: Any) -> None:
    auth.set_state({**auth.get_state(), "kind": kind, "person": _id(person), "at": time.time()})


def is_own_origin(origin: str) -> bool:
    """Return whether `origin` is the origin of the request. The origin of `SURETY_URL` is accepted too if `SURETY_URL`
    has the same host name as the request.
    """
    request = context.request
    own = f"{request.scheme}://{request.get_host()}"
    site = urlsplit(settings.SURETY_URL)
    is_site = site.hostname == urlsplit(own).hostname and origin == f"{site.scheme}://{site.netloc}"
    return origin == own or is_site


def _server() -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity())
    return Fido2Server(entity, verify_origin=is_own_origin)


def connect() -> None:
    """Replace allauth's functions that make challenges and check answers."""
    begin_registration, begin_authentication = auth.begin_registration, auth.begin_authentication
    complete_registration, complete_authentication = auth.complete_registration, auth.complete_authentication

    def begin_create(user: Any, passwordless: bool) -> Any:
        options = begin_registration(user, passwordless)
        _bind_challenge("create", user)
        return options

    def begin_get(user: Any = None) -> Any:
        options = begin_authentication(user)
        _bind_challenge("get", user)
        return options

    def complete_create(credential: Any) -> Any:
        return _once(partial(complete_registration, credential))

    def complete_get(user: Any, response: Any) -> Any:
        return _once(partial(complete_authentication, user, response))

    auth.get_server = _server
    auth.begin_registration, auth.begin_authentication = begin_create, begin_get
    auth.complete_registration, auth.complete_authentication = complete_create, complete_get


def _once(complete: Callable[[], Any]) -> Any:
    """Complete a ceremony. A challenge works only once, even if the answer is refused."""
    try:
        return complete()
    finally:
        auth.clear_state()
