"""Read, write and compile .po files of translations with polib, so that GNU gettext is not needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polib

PLURALS = {"de": "nplurals=2; plural=(n != 1);"}


@dataclass(frozen=True, order=True)
class Key:
    """The key of a sentence in a .po file (`msgid`, `msgid_plural`, `msgctxt`). `plural` is empty if the sentence
    has only one form.
    """

    text: str
    plural: str = ""
    context: str = ""


@dataclass
class Entry:
    """A sentence, the files that contain it, and its translation. The translation is one text or, for a sentence with a
    number, one text for each plural form.
    """

    key: Key
    files: set[str] = field(default_factory=set)
    forms: list[str] = field(default_factory=list)

    @property
    def is_translated(self) -> bool:
        """Whether all forms have a translation."""
        return bool(self.forms) and all(self.forms)


class InvalidPoFile(Exception):
    """A .po file cannot be read. The message names the line."""


def read(path: Path) -> dict[Key, list[str]]:
    """Return {sentence: translations} of a .po file. Return an empty dict if the file does not exist.

    Raise InvalidPoFile for a file with another syntax, such as the markers of a merge conflict.
    """
    if not path.exists():
        return {}
    try:
        return parsed(path.read_text())
    except InvalidPoFile as error:
        raise InvalidPoFile(f"{path}: {error}") from None


def parsed(text: str) -> dict[Key, list[str]]:
    """Return {sentence: translations}. `text` is the content of a .po file. Raise InvalidPoFile if it is invalid."""
    try:
        return {_key(entry): _forms(entry) for entry in polib.pofile(text, check_for_duplicates=True)}
    except (OSError, ValueError) as error:  # polib raises OSError for invalid syntax.
        raise InvalidPoFile(str(error)) from None


def written(language: str, rows: Iterable[Entry]) -> str:
    """Return the content of a .po file, with the sentences in the order of `rows`."""
    return str(_po_file(language, rows))


def compiled(language: str, rows: Iterable[Entry]) -> bytes:
    """Return the content of a .mo file with the translated sentences."""
    return _po_file(language, rows).to_binary()


def _po_file(language: str, rows: Iterable[Entry]) -> polib.POFile:
    file = polib.POFile(wrapwidth=0)
    file.metadata = {
        "Project-Id-Version": "Surety",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": language,
        "Plural-Forms": PLURALS[language],
    }
    file.extend(_po_entry(row) for row in rows)
    return file


def _po_entry(row: Entry) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=row.key.text,
        msgctxt=row.key.context or None,
        occurrences=[(name, "") for name in sorted(row.files)],
        flags=["python-format"] if "%(" in row.key.text else [],
    )
    if row.key.plural:
        entry.msgid_plural = row.key.plural
        entry.msgstr_plural = dict(enumerate(row.forms or ["", ""]))
    else:
        entry.msgstr = row.forms[0] if row.forms else ""
    return entry


def _key(entry: polib.POEntry) -> Key:
    return Key(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def _forms(entry: polib.POEntry) -> list[str]:
    if entry.msgid_plural:
        return [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)]
    return [entry.msgstr]
