"""Limits of failed sign-ins and of links for a new password, so that an attacker cannot lock people out of their
accounts. Addresses are IP addresses; an IPv6 address counts as its /64.

A browser is known if the person has signed in or set a new password in this browser.

Failed sign-ins:

| Counted | Limit |
| --- | --- |
| In a known browser | 10 in five minutes, in that browser |
| In other browsers, by account and address | 5 in five minutes |
| In other browsers, by address | 20 a minute |
| In other browsers, by account | 100 a day |

After the correct password, allauth permits an account 5 wrong codes of a second factor in five minutes. Codes have only
six digits, so further limits count the wrong codes of a whole day:

| Counted | Limit |
| --- | --- |
| In a browser in which the person has signed in | 100 a day, in that browser |
| In all other browsers together, by account | 100 a day |

Links for a new password:

| Counted | Limit |
| --- | --- |
| In a known browser | 3 in ten minutes, in that browser |
| In other browsers, by account and address | 3 in ten minutes |
| In other browsers, by account | 20 an hour |
| In all browsers, by address (ACCOUNT_RATE_LIMITS) | 20 a minute |

From one address, people can start 120 sign-ins a minute with single sign-on or a passkey. Each start stores a session
and, with single sign-on, sends a request to the identity provider.

A person whose account has reached the daily limit of failed sign-ins can still sign in with a known browser. An
attacker who uses up the links of an account does not lock the person out: the links are mailed to the person, and each
works for an hour. Setting a new password makes the browser known, and resets the counts of failed sign-ins by account
and of this browser.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.signals import password_reset
from allauth.core.internal import ratelimit
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase

from portal.accounts.after_answer import after_answer
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import Limit, record_limit
from portal.accounts.sign_in.known_devices import device_of_sign_in, known_device
from portal.http.client_networks import client_network
from tenants.models import Person

APP: Final = "allauth.account"
DEVICE, ADDRESS, PAIR, ACCOUNT = "surety_device", "surety_address", "surety_pair", "surety_account"
RESET_DEVICE, RESET_PAIR, RESET_ACCOUNT = "surety_reset_device", "surety_reset_pair", "surety_reset_account"
RESET_RATES: Final = {RESET_DEVICE: "3/10m/key", RESET_PAIR: "3/10m/key", RESET_ACCOUNT: "20/h/key"}
CODES: Final = "surety_codes"
CODE_RATES: Final = {CODES: "100/d/key"}
START: Final = "surety_start"
START_RATES: Final = {START: "120/m/key"}
RATES: Final = {DEVICE: "10/5m/key", ADDRESS: "20/m/key", PAIR: "5/5m/key", ACCOUNT: "100/d/key"}
LIMITS: Final = {
    DEVICE: Limit.BROWSER,
    ADDRESS: Limit.NETWORK,
    PAIR: Limit.PAIR,
    ACCOUNT: Limit.ACCOUNT,
}


class SignInLimits(DefaultAccountAdapter):  # type: ignore[misc]
    """The part of the account adapter that counts failed sign-ins."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # allauth shows this error after too many wrong codes of a second factor, or too many wrong passwords at a
        # re-authentication.
        "too_many_login_attempts": "Too many wrong codes or passwords. Try again in a few minutes.",
        "too_many_sign_ins": (
            "Too many failed sign-ins. Try again in a few minutes. If you reset your password, you can sign in"
            " immediately in this browser."
        ),
        "too_many_codes": (
            "Too many wrong codes today. Use a browser in which you have signed in before, a security key or a passkey,"
            " or ask an administrator. If you did not enter these codes, somebody else knows your password: change it."
        ),
        "too_many_reset_requests": (
            "Too many links were requested for this address, so no more are mailed at the moment. Use the link in the"
            " newest mail, or try again later."
        ),
        "email_password_mismatch": "The email address or the password is wrong.",
        "leaves_single_sign_on": (
            "Your organization requires single sign-on for your present address, but not for the new one. Ask an"
            " administrator to change your address."
        ),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt to sign in. If the sign-in succeeds, allauth removes the attempt from the count. Raise
        ValidationError above a limit.
        """
        email = str(credentials.get("email") or credentials.get("username") or "").lower()
        device = known_device(request, email)
        keys = {DEVICE: _device_key(email, device)} if device is not None else _keys(request, email)
        counted = ratelimit.RateLimitUsage(usage=[])
        for action, key in keys.items():
            usage = ratelimit.consume(request, app=APP, action=action, config=RATES, key=key)
            if usage is None:
                _record(request, email, action)
                raise self.validation_error("too_many_sign_ins")
            counted.usage += usage.usage
        self._login_failed_rl_usage = counted


def _record(request: HttpRequest, email: str, action: str) -> None:
    person = Person.objects.filter(email=email).first()
    if person is not None:
        (rate,) = ratelimit.parse_rates(RATES[action])
        limit, method, seconds = LIMITS[action], Method.PASSWORD, rate.duration
        after_answer(request, partial(record_limit, person, request, limit, method=method, seconds=seconds))


def count_reset_request(request: HttpRequest, email: str) -> None:
    """Count a request for a link to set a new password.

    Raise ValidationError above a limit, whether or not the address has an account.
    """
    network = client_network(get_adapter(request).get_client_ip(request))
    device = known_device(request, email)
    keys = {RESET_PAIR: f"{email}:{network}", RESET_ACCOUNT: email}
    if device is not None:
        keys = {RESET_DEVICE: f"{email}:{device}"}
    for action, key in keys.items():
        if ratelimit.consume(request, app=APP, action=action, config=RESET_RATES, key=key) is None:
            raise get_adapter(request).validation_error("too_many_reset_requests")


def count_code(request: HttpRequest, person: Person) -> ratelimit.RateLimitUsage:
    """Count an attempt with a code of a second factor. If the code is correct, the caller removes the attempt from the
    count. Raise ValidationError above the limit.
    """
    key = f"{person.pk}:{device_of_sign_in(request, person.email) or ''}"
    usage = ratelimit.consume(request, app=APP, action=CODES, config=CODE_RATES, key=key)
    if usage is None:
        (rate,) = ratelimit.parse_rates(CODE_RATES[CODES])
        record_limit(person, request, Limit.CODES, method=Method.SECOND_FACTOR, seconds=rate.duration)
        raise get_adapter(request).validation_error("too_many_codes")
    return usage


def limit_starts(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorator that limits how many sign-ins people without a session can start from one IP address in a
    minute.
    """

    @wraps(view)
    def limited(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            network = client_network(get_adapter(request).get_client_ip(request))
            usage = ratelimit.consume(
                request, app=APP, action=START, config=START_RATES, key=network, limit_get=True
            )
            if usage is None:
                refusal: HttpResponseBase = ratelimit.respond_429(request)
                return refusal
        return view(request, *args, **kwargs)

    return limited


def _keys(request: HttpRequest, email: str) -> dict[str, str]:
    network = client_network(get_adapter(request).get_client_ip(request))
    return {ADDRESS: network, PAIR: f"{email}:{network}", ACCOUNT: email}


def _device_key(email: str, device: str) -> str:
    return f"{email}:{device}"


@receiver(password_reset, dispatch_uid="portal.accounts.sign_in.sign_in_limits")
def clear_limits(request: HttpRequest, user: Person, **_signal: Any) -> None:
    """Reset the counts of failed sign-ins of a person who has just set a new password with a mailed link."""
    email = user.email.lower()
    keys = _keys(request, email)
    # The count for the IP address is not reset, because this count protects other accounts.
    del keys[ADDRESS]
    if (device := known_device(request, email)) is not None:
        keys[DEVICE] = _device_key(email, device)
    for action, key in keys.items():
        ratelimit.clear(request, app=APP, action=action, config=RATES, key=key)
