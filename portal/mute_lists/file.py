"""Read Prowler's mute list (mutelist.yaml), without comparing it with findings.

The file has this form: {"Mutelist": {"Accounts": {account: {"Checks": {check: entry}}}}}. An account is a subscription
or `*`. An entry has `Regions`, `Resources`, and optionally `Tags`, `Exceptions` and `Description`. Account names are
compared as a whole. All other texts are regular expressions that match a part of a value. In them, every star stands
for any characters, as in `dev*`.

Sources: github.com/prowler-cloud/prowler, prowler/lib/mutelist/models.py (the schema), prowler/lib/mutelist/mutelist.py
(the comparison) and prowler/config/azure_mutelist_example.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assessments.own.patterns import InvalidPattern, Pattern
from portal.configuration.problems import MAX_PROBLEMS, Problem, UnusableFile
from portal.configuration.yaml_text import Document, Path, read

MAX_BYTES: Final = 256 * 1024
MAX_ENTRIES: Final = 500
MAX_TEXTS: Final = 5_000
"""The maximum number of texts that all lists of a file can contain together."""
MAX_ACCOUNT: Final = 120
MAX_DESCRIPTION: Final = 2_000
ANY: Final = "*"
_LISTS: Final = ("Regions", "Resources", "Tags")
_EXCEPT: Final = ("Accounts", *_LISTS)
_KEYS: Final = (*_LISTS, "Exceptions", "Description")
_EMPTY: Final = "The file is empty. It must begin with the key “Mutelist”."


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of an entry, or of its exceptions, that are compared with findings.

    Empty `tags` or `accounts` match everything. Empty `regions` or `resources` match everything in exceptions, but
    nothing in an entry.
    """

    regions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    def all(self) -> Iterator[str]:
        """Yield all regions, resources, tags and accounts."""
        for texts in (self.regions, self.resources, self.tags, self.accounts):
            yield from texts


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry for one check in one account. `number` counts from 1, in the order of the file.

    `exceptions` are the values for which the entry mutes no finding, or None if the file names no exceptions. If
    `problem` is not empty, it says why the entry cannot be compared, and the entry mutes nothing.
    """

    number: int
    line: int
    account: str
    check: str
    muted: Texts
    exceptions: Texts | None
    description: str
    problem: str = ""


def expression(text: str) -> str:
    """Return a text of a mute list as a regular expression. Like Prowler, replace each star by `.*`, even a star that
    would be a quantifier in a regular expression, as in `ab*`.
    """
    return text.replace("*", ".*")


def read_mute_list(content: bytes) -> list[Entry]:
    """Return the entries of a file. Raise UnusableFile with the first problems, each with its line."""
    if len(content) > MAX_BYTES:
        raise UnusableFile(
            [
                Problem(
                    0, f"The file is larger than {MAX_BYTES // 1024} KiB. Split the file into several files."
                )
            ]
        )
    document = read(content, empty=_EMPTY)
    found = _Reader(document)
    entries = list(found.entries())
    if found.problems:
        raise UnusableFile(found.problems[:MAX_PROBLEMS])
    if not entries:
        raise UnusableFile(
            [Problem(1, "The file contains no checks. Add at least one check below “Checks”.")]
        )
    return entries


class _Reader:
    """A reader that yields the entries of a document and collects its problems."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self._texts = 0

    def entries(self) -> Iterator[Entry]:
        root = self._mapping(self.document.data, (), ("Mutelist",), required=("Mutelist",))
        lists = self._mapping(root.get("Mutelist", {}), ("Mutelist",), ("Accounts",), required=("Accounts",))
        accounts = self._mapping(lists.get("Accounts", {}), ("Mutelist", "Accounts"))
        number = 0
        for account, block in accounts.items():
            path: Path = ("Mutelist", "Accounts", account)
            if len(account) > MAX_ACCOUNT:
                self._problem(
                    path, f"The name of an account has more than {MAX_ACCOUNT} characters. Shorten it."
                )
            checks = self._mapping(block, path, ("Checks",), required=("Checks",)).get("Checks", {})
            for check, values in self._mapping(checks, (*path, "Checks")).items():
                number += 1
                if number > MAX_ENTRIES:
                    text = f"The file has more than {MAX_ENTRIES} checks. Split the file into several files."
                    raise UnusableFile([Problem(0, text)])
                yield self._entry(number, account, check, values, (*path, "Checks", check))

    def _entry(self, number: int, account: str, check: str, values: Any, path: Path) -> Entry:
        given = self._mapping(values, path, _KEYS, required=("Regions", "Resources"))
        muted = Texts(*(self._list(given, key, path) for key in _LISTS))
        exceptions = None
        if given.get("Exceptions") is not None:
            inside = (*path, "Exceptions")
            excepted = self._mapping(given["Exceptions"], inside, _EXCEPT)
            lists = {key.lower(): self._list(excepted, key, inside) for key in _EXCEPT}
            exceptions = Texts(**lists) if any(lists.values()) else None
        description = given.get("Description", "")
        if not isinstance(description, str) or len(description) > MAX_DESCRIPTION:
            self._problem(
                (*path, "Description"),
                f"“Description” must be a text of at most {MAX_DESCRIPTION:,} characters.",
            )
            description = ""
        return Entry(
            number=number,
            line=self.document.line(path),
            account=account,
            check=check,
            muted=muted,
            exceptions=exceptions,
            description=" ".join(description.split()),
            problem=_unsupported([check, *muted.all(), *(exceptions.all() if exceptions else ())]),
        )

    def _list(self, given: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
        values = given.get(key)
        if values is None:
            return ()
        if not isinstance(values, list):
            self._problem((*path, key), f"“{key}” must be a list (lines that begin with “- ”).")
            return ()
        self._texts += len(values)
        if self._texts > MAX_TEXTS:
            text = f"The lists of the file have more than {MAX_TEXTS:,} entries. Split the file into several files."
            raise UnusableFile([Problem(0, text)])
        for place, one in enumerate(values):
            if not isinstance(one, str):
                self._problem(
                    (*path, key, place),
                    f"Entries of “{key}” must be texts. Put numbers into quotation marks.",
                )
        return tuple(one for one in values if isinstance(one, str) and one)

    def _mapping(
        self, value: Any, path: Path, keys: tuple[str, ...] = (), *, required: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return a mapping. Record a problem if the value is no mapping, has a key that is not in `keys`, or lacks a
        required key.
        """
        name = f"“{path[-1]}”" if path else "The file"
        if not isinstance(value, dict):
            self._problem(path, f"{name} must be a mapping (lines of “key: value”).")
            return {}
        for key in value:
            if keys and key not in keys:
                self._problem(
                    (*path, key),
                    f"“{key[:60]}” is not a key of {name if path else 'the file'}. The keys are: {', '.join(keys)}.",
                )
        for key in required:
            if key not in value:
                self._problem(path, f"{name} lacks the key “{key}”. Add it.")
        return value

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(self.document.line(path), message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise UnusableFile(self.problems)


def _unsupported(texts: list[str]) -> str:
    """Return why an expression is not supported, or an empty text if all expressions are supported."""
    for text in texts:
        try:
            Pattern(expression(text))
        except InvalidPattern as error:
            return f"The expression “{text[:60]}” is not supported: {error}"
    return ""
