"""Read and write .po files of translations, and compile them to .mo files, without GNU gettext."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

HEADER = (
    "Project-Id-Version: Surety\\nMIME-Version: 1.0\\nContent-Type: text/plain; charset=UTF-8\\n"
    "Content-Transfer-Encoding: 8bit\\nLanguage: {}\\nPlural-Forms: {}\\n"
)
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


def quoted(text: str) -> str:
    """Return a text in quotes and escaped, for a .po file."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text.strip()[1:-1])


def read(path: Path) -> dict[Key, list[str]]:
    """Return {sentence: translations} of a .po file. Return an empty dict if the file does not exist."""
    return parsed(path.read_text()) if path.exists() else {}


def parsed(text: str) -> dict[Key, list[str]]:
    """Return {sentence: translations}. `text` is the content of a .po file."""
    found: dict[Key, list[str]] = {}
    for block in text.split("\n\n"):
        values: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith('"'):
                values[name] += _unquoted(line)
            elif line and not line.startswith("#"):
                name, _, text = line.partition(" ")
                values[name] = _unquoted(text)
        forms = [values[name] for name in ("msgstr", "msgstr[0]", "msgstr[1]") if name in values]
        key = Key(values.get("msgid", ""), values.get("msgid_plural", ""), values.get("msgctxt", ""))
        if key.text:
            found[key] = forms
    return found


def written(language: str, rows: Iterable[Entry]) -> str:
    """Return the content of a .po file, with the sentences in the order of `rows`."""
    header = HEADER.format(language, PLURALS[language]).replace("\\n", '\\n"\n"')
    blocks = [f'msgid ""\nmsgstr ""\n"{header}"'.removesuffix('\n""')]
    for entry in rows:
        key, lines = entry.key, [f"#: {file}" for file in sorted(entry.files)]
        if "%(" in key.text:
            lines.append("#, python-format")
        if key.context:
            lines.append(f"msgctxt {quoted(key.context)}")
        lines.append(f"msgid {quoted(key.text)}")
        if key.plural:
            forms = entry.forms or ["", ""]
            lines.append(f"msgid_plural {quoted(key.plural)}")
            lines.extend(f"msgstr[{n}] {quoted(text)}" for n, text in enumerate(forms))
        else:
            lines.append(f"msgstr {quoted(entry.forms[0] if entry.forms else '')}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def compiled(language: str, rows: Iterable[Entry]) -> bytes:
    """Return the content of a .mo file: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html"""
    pairs = [(b"", HEADER.format(language, PLURALS[language]).replace("\\n", "\n").encode())]
    for entry in rows:
        if entry.is_translated:
            key = entry.key
            source = (f"{key.context}\x04" if key.context else "") + key.text
            source += f"\0{key.plural}" if key.plural else ""
            pairs.append((source.encode(), "\0".join(entry.forms).encode()))
    pairs.sort()
    start = 28 + 16 * len(pairs)
    names = b"\0".join(name for name, _ in pairs) + b"\0"
    texts = b"\0".join(text for _, text in pairs) + b"\0"
    table: list[int] = []
    place = start
    for name, _ in pairs:
        table += (len(name), place)
        place += len(name) + 1
    for _, text in pairs:
        table += (len(text), place)
        place += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + struct.pack(f"<{len(table)}I", *table) + names + texts
