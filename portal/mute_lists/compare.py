"""Compare the entries of a mute list with findings, as Prowler compares them. All functions are pure.

If several entries mute a finding, the finding belongs to the first of these entries. An entry can list exceptions,
which are values for which it mutes nothing. If the exceptions of an entry apply to a finding, the entry does not mute
the finding, and later entries for the same check and account do not mute it either.

Unlike Prowler, the comparison ignores case, as Azure does. If a finding's region is unknown, an entry that names a
region never mutes the finding. The same applies to tags.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from assessments.own.patterns import MAX_TEXT, Pattern
from portal.mute_lists.file import ANY, Entry, Texts, expression
from tenants.errors import InvalidInput

MAX_WORK: Final = 20_000_000
"""The maximum number of steps that all comparisons of a file can take together. Unlike a time limit, this limit does
not depend on the speed of the machine.
"""
_WORK_OF_COMPARISON: Final = 20
# Compiling a regular expression counts as this number of steps for each unit of its size (`Pattern.size`). The number
# is high, because compiling takes memory, and more time than matching.
_WORK_OF_STEP: Final = 100
# Most texts of mute lists are plain names, which can be compared without a regular expression.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")


class TooMuchWork(InvalidInput, code="too_much_work"):
    """Comparing the file with the findings takes more than `MAX_WORK` steps."""

    def __init__(self) -> None:
        text = (
            "The comparison of this file with the findings takes too long. Split the file into several files."
        )
        super().__init__(text, fields={"file": [text]})


class Result(StrEnum):
    """The result of comparing an entry with a finding of the entry's check and account."""

    MUTED = "muted"
    EARLIER = "earlier"
    EXCEPTED = "excepted"
    REGION = "region"
    RESOURCE = "resource"
    SUBJECT = "subject"
    TAGS = "tags"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a finding, described as Prowler knows it.

    `accounts` are the id and the names of the subject's subscription or directory. `tags` is a text such as
    `name=value | name=value`. `region` and `tags` are None if they are unknown.
    """

    accounts: tuple[str, ...]
    region: str | None
    resource: str
    tags: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A failing finding. `checks` are the checks of Prowler that correspond to the finding's control and judge the
    finding's subject. `other_checks` correspond to the control too, but do not judge the subject.
    """

    pk: UUID
    checks: tuple[str, ...]
    subject: Subject
    other_checks: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """The comparison of an entry with all findings.

    `muted` are the findings that the entry mutes. `others` counts, by result, the other findings of the entry's check
    and account.
    """

    muted: list[UUID] = field(default_factory=list)
    others: Counter[Result] = field(default_factory=Counter)


class _NotKnown(Exception):
    """An entry cannot be compared with a finding, because a value of the finding, such as its region, is unknown or too
    long.
    """


def compare(entries: Sequence[Entry], findings: Iterable[Judged]) -> dict[int, Outcome]:
    """Return the outcome of each entry that can be compared, by the entry's number.

    Raise TooMuchWork if the comparison takes more than `MAX_WORK` steps.
    """
    matcher = _Matcher()
    blocks: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        blocks[entry.account].append(entry)
    named: dict[str, list[str]] = defaultdict(list)
    for account in blocks:
        named[account.casefold()].append(account)
    found = {entry.number: Outcome() for entry in entries if not entry.problem}
    for judged in findings:
        accounts = {ANY, *(one.casefold() for one in judged.subject.accounts)}
        results = [
            result
            for account in accounts & named.keys()
            for spelling in named[account]
            for result in matcher.results(blocks[spelling], judged)
        ]
        muted_by = min((number for number, result in results if result is Result.MUTED), default=None)
        best: dict[int, Result] = {}
        for number, result in results:
            # An entry can name several checks that correspond to the finding's control. Count the finding only once for
            # each entry.
            if best.get(number) is not Result.MUTED:
                best[number] = result
        for number, result in best.items():
            if result is not Result.MUTED:
                found[number].others[result] += 1
            elif number == muted_by:
                found[number].muted.append(judged.pk)
            else:
                found[number].others[Result.EARLIER] += 1
    return found


def checks_of(entries: Iterable[Entry], known: Sequence[str]) -> dict[int, list[str]]:
    """Return the known checks that each entry names, by the entry's number.

    Raise TooMuchWork if the comparison takes more than `MAX_WORK` steps.
    """
    matcher = _Matcher()
    return {
        entry.number: [] if entry.problem else [check for check in known if matcher.names(entry.check, check)]
        for entry in entries
    }


class _Matcher:
    def __init__(self) -> None:
        self._work = 0
        self._known: dict[tuple[str, str], bool] = {}
        self._patterns: dict[str, Pattern] = {}
        self._naming: dict[tuple[str, str], list[Entry]] = {}

    def results(self, block: Sequence[Entry], judged: Judged) -> list[tuple[int, Result]]:
        """Return (number of an entry, result) for each entry that names a check of the finding's control. `block` is
        the list of all entries of one account.
        """
        found = []
        for check in judged.other_checks:
            named = self._of_check(block, check)
            self._spend(_WORK_OF_COMPARISON * len(named))
            found += [(entry.number, Result.SUBJECT) for entry in named if not entry.problem]
        for check in judged.checks:
            stopped = False
            for entry in self._of_check(block, check):
                if entry.problem:
                    # This entry cannot be compared, but its exceptions may apply to the finding. So no later entry
                    # mutes the finding.
                    stopped = True
                elif stopped:
                    self._spend(_WORK_OF_COMPARISON)
                    found.append((entry.number, Result.EXCEPTED))
                else:
                    excepted = self._exception(entry, judged.subject)
                    stopped = excepted is not None
                    found.append((entry.number, excepted or self._result(entry, judged.subject)))
        return found

    def _of_check(self, block: Sequence[Entry], check: str) -> list[Entry]:
        """Return two kinds of entries of an account (`block`):

        - the entries that name the check and can be compared
        - the first entry that has exceptions but cannot be compared, whatever check it names. Its exceptions may apply
          to any finding, so `results` lets no later entry mute one.
        """
        key = block[0].account, check
        if key not in self._naming:
            unclear = next((one for one in block if one.problem and one.exceptions is not None), None)
            self._naming[key] = [
                one for one in block if one is unclear or (not one.problem and self.names(one.check, check))
            ]
        return self._naming[key]

    def names(self, wanted: str, check: str) -> bool:
        """Return whether an entry names the check. `wanted` is the name in the entry, which may be a regular
        expression.
        """
        return wanted == check or self._occurs(wanted, check)

    def _exception(self, entry: Entry, subject: Subject) -> Result | None:
        """If the exceptions of an entry keep the entry from muting a finding, return the reason. Otherwise, return
        None.
        """
        if entry.exceptions is None:
            return None
        try:
            return Result.EXCEPTED if self._excepts(entry.exceptions, subject) else None
        except _NotKnown:
            return Result.NOT_KNOWN

    def _result(self, entry: Entry, subject: Subject) -> Result:
        try:
            if not self._any(entry.muted.regions, subject.region):
                return Result.REGION
            if not self._any(entry.muted.resources, subject.resource):
                return Result.RESOURCE
            return Result.MUTED if self._every(entry.muted.tags, subject.tags) else Result.TAGS
        except _NotKnown:
            return Result.NOT_KNOWN

    def _excepts(self, exceptions: Texts, subject: Subject) -> bool:
        """Return whether the exceptions of an entry apply to a subject. Each list of the exceptions must match or be
        empty.
        """
        return (
            (not exceptions.accounts or any(self._any(exceptions.accounts, one) for one in subject.accounts))
            and (not exceptions.regions or self._any(exceptions.regions, subject.region))
            and (not exceptions.resources or self._any(exceptions.resources, subject.resource))
            and self._every(exceptions.tags, subject.tags)
        )

    def _any(self, wanted: Sequence[str], value: str | None) -> bool:
        return any(self._occurs(one, value) for one in wanted)

    def _every(self, wanted: Sequence[str], value: str | None) -> bool:
        return all(self._occurs(one, value) for one in wanted)

    def _occurs(self, wanted: str, value: str | None) -> bool:
        """Return whether an expression matches a part of a value. Raise _NotKnown for a missing or too long value."""
        self._spend(_WORK_OF_COMPARISON)
        if wanted == ANY:
            return True
        if value is None or len(value) > MAX_TEXT:
            raise _NotKnown
        if _PLAIN.fullmatch(wanted) and value.isascii():
            return wanted.lower() in value.lower()
        key = wanted, value
        if key not in self._known:
            self._known[key] = self._pattern(wanted).occurs_in(value, self._spend)
        return self._known[key]

    def _pattern(self, wanted: str) -> Pattern:
        if wanted not in self._patterns:
            made = Pattern(expression(wanted))
            self._spend(_WORK_OF_STEP * made.size)
            self._patterns[wanted] = made
        return self._patterns[wanted]

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise TooMuchWork
