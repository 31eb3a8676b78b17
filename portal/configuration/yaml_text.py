"""Read and write the YAML of configuration files.

Only a safe part of YAML is read: scalars, lists, and mappings whose keys are texts. The size of the file, and the depth
and number of its values, are limited. Aliases are refused, because a small file can describe gigabytes with them
(“billion laughs”). Tags are refused, because a tag can name a Python class to create. Files with many `%TAG` directives
are refused before libyaml reads them. libyaml would compare each directive with all others, and no other thread of the
process would run meanwhile.

Plain scalars follow YAML 1.2: `no`, `on`, `02:00` and `2027-03-31` are texts.

Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from portal.configuration.problems import Problem, UnusableFile
from portal.files.yaml_output import PrintableDumper

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 10
MAX_VALUES: Final = 100_000
MAX_TEXT: Final = 5_000
MAX_DIRECTIVES: Final = 20
"""The maximum number of times that `%TAG` can occur in a file."""

type Path = tuple[str | int, ...]
"""The keys and list positions that lead to a value, such as ("customers", 0, "labels")."""

# Use the parser of libyaml, which is ten times faster, if PyYAML was built with libyaml.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DIRECTIVE: Final = "%TAG"
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FRACTION: Final = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{0,17}")
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file. `lines` has the line number of each key and of each item of a list."""

    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """Return the line number of a value. If this number is not known, return the number of the innermost enclosing
        mapping or list that has one.
        """
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


EMPTY: Final = "The file is empty. Export the current configuration to see an example."


def read(content: bytes, *, empty: str = EMPTY) -> Document:
    """Return the content of a file. Raise UnusableFile at the first problem. `empty` is the message for a file without
    content.
    """
    if len(content) > MAX_BYTES:
        raise _unusable(
            0,
            f"The file is larger than {MAX_BYTES // 2**20} MiB. Split the file into several files with fewer"
            " customers.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unusable(line, "The file is not UTF-8 text. Save it with the encoding UTF-8.") from None
    if text.count(_DIRECTIVE) > MAX_DIRECTIVES:
        line = _line_at(text, text.find(_DIRECTIVE))
        raise _unusable(line, f"Tags are not allowed. Remove the lines that begin with “{_DIRECTIVE}”.")
    try:
        return _Builder(empty).build(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unexpected text"
        line = mark.line + 1 if mark is not None else _line_at(text, getattr(error, "position", 0))
        raise _unusable(
            line, f"The file is not valid YAML ({problem}). Check indentation, colons and quotation marks."
        ) from None


def write(data: Any, *, heading: str = "") -> str:
    """Return data as YAML, with `heading` as a comment at the top. Keys keep their order."""
    comment = "".join(f"# {line}\n" for line in heading.splitlines())
    return comment + yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100
    )


class _Dumper(PrintableDumper):
    """A YAML dumper that indents lists below their key and never writes aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end the parser has not read yet. In a mapping, `key` is the key whose value the parser
    reads next.
    """

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    empty: str
    lines: dict[Path, int] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    data: Any = None
    values: int = 0
    documents: int = 0

    def build(self, text: str) -> Document:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise _unusable(line, "The file contains a second document. Remove the line “---”.")
            elif isinstance(event, yaml.NodeEvent):
                self._refuse(event, line)
                self._node(event, line)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.open.pop()
        if not self.documents or self.data is None:
            raise _unusable(0, self.empty)
        return Document(self.data, self.lines)

    def _refuse(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise _unusable(
                line, f"Aliases such as “*{str(event.anchor)[:40]}” are not allowed. Write the value itself."
            )
        if event.anchor is not None:
            raise _unusable(
                line, f"Anchors such as “&{str(event.anchor)[:40]}” are not allowed. Remove the anchor."
            )
        if event.tag is not None:
            raise _unusable(line, f"Tags such as “{event.tag[:60]}” are not allowed. Remove the tag.")
        self.values += 1
        if self.values > MAX_VALUES:
            raise _unusable(
                line, f"The file contains more than {MAX_VALUES:,} values. Split the file into several files."
            )

    def _node(self, event: Any, line: int) -> None:
        parent = self.open[-1] if self.open else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            self._key(event, line, parent)
            return
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event, line), line)
            return
        if len(self.open) >= MAX_DEPTH:
            raise _unusable(
                line, f"Values are nested more than {MAX_DEPTH} levels deep. Check the indentation."
            )
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_Open(value, self._add(value, line)))

    def _key(self, event: Any, line: int, parent: _Open) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise _unusable(line, "A key must be a word. Check the indentation and the colons.")
        key = str(event.value)
        if key == "<<" and not event.style:
            raise _unusable(
                line, "The merge key “<<” is not allowed. Write the merged keys and values themselves."
            )
        if len(key) > 200:
            raise _unusable(line, "A key has more than 200 characters. Check the quotation marks.")
        if key in parent.value:
            first = self.lines[(*parent.path, key)]
            raise _unusable(line, f"“{key}” is already in line {first}. Remove one of the two entries.")
        parent.key = key
        self.lines[(*parent.path, key)] = line

    def _add(self, value: Any, line: int) -> Path:
        """Put a value into the innermost open mapping or list. Return the value's path."""
        if not self.open:
            self.data = value
            return ()
        parent = self.open[-1]
        if isinstance(parent.value, dict):
            assert parent.key is not None
            path = (*parent.path, parent.key)
            parent.value[parent.key] = value
            parent.key = None
        else:
            path = (*parent.path, len(parent.value))
            parent.value.append(value)
            self.lines[path] = line
        return path

    @staticmethod
    def _scalar(event: Any, line: int) -> Any:
        text: str = event.value
        if len(text) > MAX_TEXT:
            raise _unusable(line, f"A text has more than {MAX_TEXT:,} characters. Shorten it.")
        if "\0" in text:
            raise _unusable(
                line, "A text contains the character \\0, which cannot be stored. Remove the character."
            )
        if event.style:  # a quoted value or a block of text is always a text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FRACTION.fullmatch(text):
            return float(text)
        return text


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _unusable(line: int, message: str) -> UnusableFile:
    return UnusableFile([Problem(line, message)])
