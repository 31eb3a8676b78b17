"""Verifying the chain in steps, each a request of its own, and comparing it with a head that was printed.

What has been found so far goes to the browser and back, signed for its person: whoever sends another state, or
somebody else's, begins anew. Else a link could show somebody what was whole before it was changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from django import forms
from django.core import signing

from tenants import journal, scope
from tenants.journal import Head
from tenants.models import Tenant

# A step takes a second or so of one core.
STEP: Final = 20_000
MOST_SHOWN: Final = 20
# Seconds between two steps after which the state is not taken any more.
PATIENCE: Final = 600
_SALT: Final = "portal.web.journal.check"


@dataclass(frozen=True, slots=True)
class Check:
    """A verification on its way: everything up to `last` was recomputed, of what is there up to `through`.

    `problems` are the first of all that are wrong (number, words), `wrong` how many there are. `expected` is the
    head to compare with, and `held` the hash that its number has in the chain: "" where there is none (yet).
    """

    tenant: str
    through: int
    last: Head = journal.START
    entries: int = 0
    problems: tuple[tuple[int, str], ...] = ()
    wrong: int = 0
    expected: Head | None = None
    held: str = ""
    done: bool = False

    @classmethod
    def begin(cls, tenant: Tenant, expected: Head | None = None) -> Self:
        held = journal.GENESIS if expected is not None and expected.sequence == 0 else ""
        return cls(str(tenant.pk), journal.head(tenant).sequence, expected=expected, held=held)

    def further(self, tenant: Tenant, most: int | None = STEP) -> Self:
        """After at most so many more entries; None goes to the end."""
        last, entries, held, wrong = self.last, 0, self.held, self.wrong
        problems = list(self.problems)
        for last, found in journal.follow(tenant, self.last, through=self.through, limit=most):
            entries += 1
            wrong += len(found)
            problems += [(one.sequence, one.message) for one in found[: MOST_SHOWN - len(problems)]]
            if self.expected is not None and last.sequence == self.expected.sequence:
                held = last.hash
        done = most is None or entries < most or last.sequence >= self.through
        if done and last.sequence < self.through:
            # They were there when it began.
            wrong += 1
            words = f"Entries {last.sequence + 1} to {self.through} are missing."
            problems += [(self.through, words)][: MOST_SHOWN - len(problems)]
        return replace(
            self,
            last=last,
            entries=self.entries + entries,
            problems=tuple(problems),
            wrong=wrong,
            held=held,
            done=done,
        )

    @property
    def whole(self) -> bool:
        return self.done and not self.wrong

    @property
    def more(self) -> int:
        """Problems that are not listed."""
        return self.wrong - len(self.problems)

    @property
    def matches(self) -> bool:
        """Whether the chain holds exactly the head to compare with."""
        return self.expected is not None and self.held == self.expected.hash

    @property
    def since(self) -> int:
        """Entries that were written after the head to compare with."""
        return self.through - self.expected.sequence if self.expected is not None else 0

    def token(self) -> str:
        """For the next step."""
        state: list[Any] = [self.tenant, self.through, self.last.sequence, self.last.hash, self.entries]
        state += [self.problems, self.wrong, self.held]
        state += [self.expected.sequence, self.expected.hash] if self.expected else [None, None]
        return signing.dumps(state, salt=_salt(), compress=True)

    @classmethod
    def of_token(cls, token: str, tenant: Tenant) -> Self | None:
        """None for a state that is not ours, of another tenant or person, or too old."""
        try:
            state = signing.loads(token, salt=_salt(), max_age=PATIENCE)
        except signing.BadSignature:
            return None
        of, through, number, last, entries, problems, wrong, held, expected, digest = state
        if of != str(tenant.pk):
            return None
        return cls(
            of,
            through,
            Head(number, last),
            entries,
            tuple((place, words) for place, words in problems),
            wrong,
            None if expected is None else Head(expected, digest),
            held,
        )


def _salt() -> str:
    held = scope.current_or_none()
    return f"{_SALT}:{held.person.pk if held and held.person else ''}"


class HeadForm(forms.Form):
    """A head as a report prints it in its part “Integrity and verification”."""

    sequence = forms.IntegerField(
        label="Entry",
        min_value=0,
        max_value=2**63 - 1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Give the number of the entry, such as 117."},
    )
    hash = forms.CharField(
        label="Its hash",
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )

    def clean_hash(self) -> str:
        """In lower case and without the spaces and line ends that copying from a page leaves."""
        text = "".join(str(self.cleaned_data["hash"]).split()).lower().removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise forms.ValidationError(
                f"A hash has 64 of the characters 0 to 9 and a to f; this has {len(text)} characters. Copy all "
                "of it: a report may print it over two lines."
            )
        return text

    def head(self) -> Head:
        return Head(self.cleaned_data["sequence"], self.cleaned_data["hash"])
