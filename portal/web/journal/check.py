"""Verify the journal's hash chain in steps, with one request for each step. Compare the chain with a head (number and
hash of an entry) that a report prints.

Between steps, the browser keeps the state of the verification. The state is signed for one person and for a short time.
With any other state, verification starts from the beginning. So nobody can send another person a link to an outdated
result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from django import forms
from django.core import signing

from tenants import journal, scope
from tenants.journal import Head, Owner

# The number of entries that one step verifies. A step takes about a second on one core.
STEP: Final = 20_000
MAX_PROBLEMS: Final = 20
# The next step must follow within this number of seconds. After that, the state is no longer accepted.
MAX_STATE_AGE: Final = 600
_SALT: Final = "portal.web.journal.check"


@dataclass(frozen=True, slots=True)
class Check:
    """The state of a verification.

    - `last`: the last verified entry; `through`: the number of the last entry to verify
    - `problems`: the first problems as (number of the entry, description); `problem_count`: the number of all problems
    - `expected`: the head with which the chain is compared; None if the chain is not compared
    - `found_hash`: the hash of the entry with the number of `expected`; empty until this entry was verified
    - `redacted`: after the last step, the number of verified entries that are redacted
    """

    owner: str
    through: int
    last: Head = journal.START
    entries: int = 0
    problems: tuple[tuple[int, str], ...] = ()
    problem_count: int = 0
    expected: Head | None = None
    found_hash: str = ""
    done: bool = False
    redacted: int = 0

    @classmethod
    def start(cls, owner: Owner, expected: Head | None = None) -> Self:
        """Return the state before the first step.

        Verification begins with the first entry that the person may read, and ends with the last such entry. If the
        expected head is later, verification continues up to the expected head.
        """
        before, last = journal.visible_part(owner)
        through = last.sequence
        if expected is not None and expected.sequence > through:
            through = min(expected.sequence, journal.head(owner).sequence)
        found_hash = before.hash if expected is not None and expected.sequence == before.sequence else ""
        return cls(str(owner.pk), through, before, expected=expected, found_hash=found_hash)

    def advance(self, owner: Owner, limit: int | None = STEP) -> Self:
        """Verify at most `limit` more entries. If `limit` is None, verify all entries."""
        last, entries, found_hash = self.last, 0, self.found_hash
        problem_count = self.problem_count
        problems = list(self.problems)
        for last, found in journal.follow(owner, self.last, through=self.through, limit=limit):
            entries += 1
            problem_count += len(found)
            problems += [(one.sequence, one.message) for one in found[: MAX_PROBLEMS - len(problems)]]
            if self.expected is not None and last.sequence == self.expected.sequence:
                found_hash = last.hash
        done = limit is None or entries < limit or last.sequence >= self.through
        if done and last.sequence < self.through:
            # Entries up to `through` existed when the verification started. If one of them is missing now, it was
            # deleted since then.
            problem_count += 1
            words = journal.missing_entries(last.sequence + 1, self.through)
            problems += [(self.through, words)][: MAX_PROBLEMS - len(problems)]
        redacted = 0
        if done and last.sequence:
            before, _ = journal.visible_part(owner)
            redacted = journal.count_redacted(owner, before.sequence, last.sequence)
        return replace(
            self,
            redacted=redacted,
            last=last,
            entries=self.entries + entries,
            problems=tuple(problems),
            problem_count=problem_count,
            found_hash=found_hash,
            done=done,
        )

    @property
    def intact(self) -> bool:
        """Return whether the verification has finished without a problem."""
        return self.done and not self.problem_count

    @property
    def more(self) -> int:
        """The number of problems that are not listed."""
        return self.problem_count - len(self.problems)

    @property
    def matches(self) -> bool:
        """Return whether the chain contains exactly the expected head."""
        return self.expected is not None and self.found_hash == self.expected.hash

    def token(self) -> str:
        """Serialize and sign the state for the next step."""
        state: list[Any] = [self.owner, self.through, self.last.sequence, self.last.hash, self.entries]
        state += [self.problems, self.problem_count, self.found_hash]
        state += [self.expected.sequence, self.expected.hash] if self.expected else [None, None]
        return signing.dumps(state, salt=_salt(), compress=True)

    @classmethod
    def from_token(cls, token: str, place: Owner) -> Self | None:
        """Read a state. Return None if the token is forged, too old, or belongs to another journal or person."""
        try:
            state = signing.loads(token, salt=_salt(), max_age=MAX_STATE_AGE)
        except signing.BadSignature:
            return None
        owner, through, number, last, entries, problems, problem_count, found_hash, expected, digest = state
        if owner != str(place.pk):
            return None
        return cls(
            owner,
            through,
            Head(number, last),
            entries,
            tuple((place, words) for place, words in problems),
            problem_count,
            None if expected is None else Head(expected, digest),
            found_hash,
        )


def _salt() -> str:
    current = scope.current_or_none()
    return f"{_SALT}:{current.person.pk if current and current.person else ''}"


class HeadForm(forms.Form):
    """The form in which people enter a head, as reports print it under “Integrity and verification”."""

    sequence = forms.IntegerField(
        label="Entry number",
        min_value=0,
        max_value=2**63 - 1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Enter a number, for example 117."},
    )
    hash = forms.CharField(
        label="Hash",
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )

    def clean_hash(self) -> str:
        """Return the hash in lower case. White space and line breaks that come from copying a text are removed."""
        text = "".join(str(self.cleaned_data["hash"]).split()).lower().removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise forms.ValidationError(
                f"This text with {len(text)} characters is not a hash. A hash has exactly 64 characters from 0 to 9"
                " and a to f. Copy the whole hash. A report can print it on two lines."
            )
        return text

    def head(self) -> Head:
        """Return the head that the person entered. Call this function only if the form is valid."""
        return Head(self.cleaned_data["sequence"], self.cleaned_data["hash"])
