"""Show observed values to people, as lines with labels. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final, NamedTuple

from assessments.controls.registry import declared_labels
from assessments.display import observed_keys as keys
from assessments.display.names import GUID, NO_NAMES, Names
from assessments.display.observed_labels import ACRONYMS, LABELS
from assessments.display.observed_words import MISSING, SENTENCES, WORDS
from assessments.display.resources import is_resource_id, resource, scope
from assessments.display.sentences import sentence
from assessments.display.text import Code, Fragment, Named, Term, Text, joined
from assessments.estate.durations import timespan
from assessments.estate.quantities import addresses, counted, duration, number
from assessments.estate.redact import REDACTED

MAX_ITEMS: Final = 50
"""The maximum number of items of a list that a page shows. Further items are only counted."""

_WORD = re.compile(r"[Ii][Pp]v[46]|[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_NETWORKS = re.compile(r"(Allowed (?:public )?networks): (.+)")
# {label in a stored remark of an earlier version of Surety: present label}, in lower case.
_FORMER_LABELS: Final = {"lockout after": "lockout threshold", "lockout lasts": "lockout duration"}
_UNREAD = re.compile(r"(.+?) could not be read: (.+)", re.DOTALL)


class Line(NamedTuple):
    """An observed value as pages show it. `items` has one text or, for a list, one text for each item of the list."""

    key: str
    label: str
    items: tuple[Text, ...]

    @property
    def text(self) -> Text:
        """All items, joined on one line."""
        return joined(self.items)


class _Reader(NamedTuple):
    names: Names
    zone: tzinfo


def describe(
    observed: Mapping[str, Any],
    names: Names = NO_NAMES,
    zone: tzinfo = UTC,
    remarks: Iterable[object] = (),
) -> list[Line]:
    """Return the observed values in their order, with dates in the reader's time zone.

    If a remark says that a value could not be read (`assessments.estate.gap_texts.could_not_read`), the line of the
    value says “unknown” and the reason.
    """
    reader, unread = _Reader(names, zone), _unread(remarks)
    lines = []
    for key, value in observed.items():
        line = describe_key(key, value, *reader)
        if value in (None, "", [], {}) and (reason := unread.get(line.label.casefold())):
            line = line._replace(items=(Text(Term("unknown: "), _said(reason, names)),))
        lines.append(line)
    return lines


def _unread(remarks: Iterable[object]) -> dict[str, str]:
    """Return {label of a value in lower case: why the value could not be read}, from the remarks that say so."""
    found: dict[str, str] = {}
    for remark in remarks:
        if match := _UNREAD.fullmatch(str(remark)):
            labels = match[1].casefold().split(" and ")
            found |= dict.fromkeys((_FORMER_LABELS.get(one, one) for one in labels), match[2])
    return found


def network_lines(remarks: Iterable[str]) -> list[Line]:
    """Return the networks that remarks name, one line for each remark. The observed values contain only the number of
    addresses in these networks.
    """
    found = (_NETWORKS.fullmatch(remark) for remark in remarks)
    return [Line("networks", match[1], tuple(map(Text, match[2].split(", ")))) for match in found if match]


def describe_key(key: str, value: Any, names: Names = NO_NAMES, zone: tzinfo = UTC) -> Line:
    """Return one observed value as a line with its label."""
    items = _items(key, value, _Reader(names, zone))
    shown = items[:MAX_ITEMS]
    if len(items) > MAX_ITEMS:
        shown.append(Text(Term(f"{number(len(items) - MAX_ITEMS)} more")))
    return Line(key, label(key), tuple(shown))


def label(key: str) -> str:
    return LABELS.get(key) or declared_labels().get(key) or label_from_words(key)


@lru_cache(maxsize=2048)
def label_from_words(key: str) -> str:
    """Return a label that consists of the words of a key, for a key that has no label."""
    words = " ".join(map(_spelled, _WORD.findall(key)))
    return f"{words[:1].upper()}{words[1:]}" or "Value"


def _spelled(word: str) -> str:
    """Return a word of a key in lower case. Acronyms and their plurals get their usual spelling, such as `URL` and
    `URLs`.
    """
    low = word.lower()
    singular = low.removesuffix("s")
    return ACRONYMS.get(low) or (f"{ACRONYMS[singular]}s" if singular in ACRONYMS else low)


def on_one_line(
    observed: Mapping[str, Any],
    names: Names = NO_NAMES,
    zone: tzinfo = UTC,
    remarks: Iterable[object] = (),
) -> Text:
    """Return all values as ``Label: value; Label: value``. A missing value is shown as unknown if one of the `remarks`
    says that the value could not be read.
    """
    lines = (Text(Term(line.label), ": ", line.text) for line in describe(observed, names, zone, remarks))
    return joined(lines, "; ")


def _items(key: str, value: Any, reader: _Reader) -> list[Text]:
    if value is None or value == "":
        return [Text(Term(MISSING.get(key, "not set")))]
    if key in keys.GRANTS and isinstance(value, Mapping) and ("role" in value or "scope" in value):
        return [_grant(value, reader)]
    if isinstance(value, Mapping):
        return _mapping(key, value, reader)
    if isinstance(value, list | tuple):
        found = [Text(_value(key, item, reader)) for item in value]
        return found or [Text(Term(MISSING.get(key, "none")))]
    return [Text(_value(key, value, reader))]


def _value(key: str, value: Any, reader: _Reader) -> Fragment:
    """Return the text of one value, or of one item of a list."""
    if isinstance(value, bool):
        yes, no = ("on", "off") if key in keys.SWITCHES else ("yes", "no")
        return Term(WORDS.get(key, {}).get(yes if value else no, yes if value else no))
    if isinstance(value, int | float):
        return Term(_quantity(key, value))
    if isinstance(value, str):
        return _word(key, value, reader)
    if isinstance(value, Mapping):
        return _grant(value, reader) if key in keys.GRANTS else _object(key, value, reader)
    return joined(_items(key, value, reader)) if value is not None else Term(MISSING.get(key, "not set"))


def _quantity(key: str, value: float) -> str:
    if key in keys.SECONDS:
        return duration(timedelta(seconds=value))
    if key in keys.DAYS:
        return counted(int(value), "day")
    if key in keys.UNITS:
        return counted(int(value), keys.UNITS[key])
    return number(value)


def _word(key: str, value: str, reader: _Reader) -> Fragment:
    if value == REDACTED:
        return Term("not stored")
    if (known := WORDS.get(key, {}).get(value.casefold())) is not None:
        return Term(known)
    if key in keys.ADDRESSES and value.isdecimal():
        return Term(addresses(int(value), keys.ADDRESSES[key]))
    if key in keys.TIMES:
        return Term(moment(value, reader.zone))
    if key == "sasExpirationPeriod":
        return Term(_time_span(value))
    if key in keys.CODE:
        return Code(value[: keys.CODE[key]], value)
    if key == "scope" or key == "assignableScopes":
        return scope(value, reader.names)
    if GUID.fullmatch(value):
        return Named(value, reader.names.get(value))
    if is_resource_id(value):
        return resource(value, reader.names)
    return _said(value, reader.names) if key in SENTENCES else sentence(value, reader.names)


def _said(text: str, names: Names) -> Text:
    """Return a sentence of a control with names instead of ids. A sentence without ids becomes a `Term`, so that
    reports can translate it.
    """
    named = sentence(text, names)
    return named if any(type(part) is not str for part in named.fragments) else Text(Term(text))


def moment(value: str, zone: tzinfo) -> str:
    """Return a time in the reader's time zone to the minute. Other values are returned unchanged."""
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return value
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    try:
        local = parsed.astimezone(zone)
    except OverflowError:
        # In the reader's time zone, the year would be before 1 or after 9999. Azure sends 0001-01-01 and 9999-12-31 for
        # “never”.
        return value
    return f"{local:%Y-%m-%d %H:%M} {getattr(zone, 'key', None) or local.tzname() or 'UTC'}"


def _time_span(value: str) -> str:
    try:
        return duration(timespan(value))
    except ValueError:
        return value


def _mapping(key: str, value: Mapping[str, Any], reader: _Reader) -> list[Text]:
    """Return a text for each entry of a JSON object. If all entries together describe one thing, such as a retention,
    return one text.
    """
    if _is_exposure(value):
        return [_exposure(value)]
    if value and all(isinstance(part, Mapping) and _is_exposure(part) for part in value.values()):
        return [Text(f"{name}: ", _exposure(part)) for name, part in value.items()]
    if key == "retentionPolicy":
        return [Text(Term(_retention(value)))]
    if value.keys() >= {"judged", "covered"}:
        return [Text(Term(f"{number(value['covered'])} of {number(value['judged'])} covered"))]
    if key == "receivers":
        return [
            Text(Term(WORDS["receivers"].get(str(name).casefold(), name)), f": {number(count)}")
            for name, count in value.items()
        ] or [Text(Term("none"))]
    found = []
    for name, part in value.items():
        about = (
            Term(name) if key in WORDS and name in ("database", "server") else _word("", str(name), reader)
        )
        found.append(Text(about, ": ", joined(_items(key, part, reader))))
    return found or [Text(Term(MISSING.get(key, "none")))]


def _object(key: str, value: Mapping[str, Any], reader: _Reader) -> Text:
    """Return the text of one JSON object in a list of observed values."""
    if "rule" in value and "addresses" in value:
        count = str(value["addresses"])
        if not count.isdecimal():
            return Text(str(value["rule"]), ": ", count)
        # Findings of earlier versions lack `ipVersion`. More than 2^32 addresses are IPv6, because IPv4 has no more.
        version = value.get("ipVersion", 6 if int(count) > 2**32 else 4)
        return Text(str(value["rule"]), ": ", Term(_allowed(int(count), version)))
    if "principal" in value and "role" in value:
        return _delegated_right(value, reader)
    if "container" in value:
        access = str(value.get("access", ""))
        return Text(str(value["container"]), " (", Term(WORDS["access"].get(access.casefold(), access)), ")")
    if "kind" in value and "days" in value:
        days = value["days"]
        kept = counted(days, "day") if isinstance(days, int) else str(days)
        return Text(Term(value["kind"]), " ", _word("id", str(value.get("id", "")), reader), ": ", Term(kept))
    if "kind" in value and "problem" in value:
        about = _word("id", str(value.get("id", "")), reader)
        return Text(Term(value["kind"]), " ", about, ": ", Term(value["problem"]))
    if "interface" in value:
        return _interface(value, reader)
    parts = (
        Text(Term(label(str(name))), ": ", joined(_items(str(name), part, reader)))
        for name, part in value.items()
    )
    return joined(parts)


def _allowed(count: int, version: int) -> str:
    if version == 6:
        return addresses(count, 6)
    return addresses(count, 4).replace("IPv4 addresses", "addresses").replace("IPv4 address", "address")


def _interface(value: Mapping[str, Any], reader: _Reader) -> Text:
    public = "with" if value.get("publicAddress") else "without"
    fragments: list[Fragment] = [
        str(value["interface"]),
        Term(f" {public} a public address: reachable from "),
    ]
    fragments.append(_exposure(value.get("exposed") or {}))
    if rules := value.get("rules"):
        fragments += [Term(" through "), joined(map(str, rules))]
    if groups := value.get("groups"):
        fragments += [
            Term(" (network security groups: " if len(groups) > 1 else " (network security group: ")
        ]
        fragments += [joined(map(str, groups)), ")"]
    return Text(*fragments)


def _is_exposure(value: Mapping[str, Any]) -> bool:
    return bool(value) and value.keys() <= {"ipv4", "ipv6"}


def _exposure(value: Mapping[str, Any]) -> Text:
    shown = [
        Term(addresses(int(value[name]), version))
        for name, version in (("ipv4", 4), ("ipv6", 6))
        if str(value.get(name, "")).isdecimal() and int(value[name]) > 0
    ]
    return joined(shown) or Text(Term("no address of the Internet"))


def _retention(value: Mapping[str, Any]) -> str:
    days = value.get("days")
    if value.get("enabled") is False or days == 0:
        return "without limit"
    return counted(days, "day") if isinstance(days, int) else "not known"


def _delegated_right(value: Mapping[str, Any], reader: _Reader) -> Text:
    """Return a role that a delegation gives, as text: ``Contributor for <principal>, can assign Reader``."""
    fragments: list[Fragment] = [_word("roles", str(value["role"]), reader), Term(" for ")]
    fragments.append(_word("principal", str(value["principal"]), reader))
    if assignable := value.get("assignableRoles"):
        fragments += [Term(", can assign "), joined(_word("roles", str(role), reader) for role in assignable)]
    if value.get("eligible"):
        fragments.append(Term(" (eligible)"))
    return Text(*fragments)


def _grant(value: Mapping[str, Any], reader: _Reader) -> Text:
    """Return a role of a user as text: ``Owner on subscription Production, through the group Admins (eligible)``."""
    role = str(value.get("role", ""))
    fragments: list[Fragment] = [_word("roles", role, reader) if role else Term("a role")]
    where = str(value.get("scope") or "/")
    fragments += [Term(" everywhere")] if where == "/" else [Term(" on "), scope(where, reader.names)]
    if group := value.get("group"):
        fragments += [Term(", through the group "), _word("group", str(group), reader)]
    if value.get("eligible"):
        fragments.append(Term(" (eligible)"))
    return Text(*fragments)


def plain_lines(lines: Iterable[Line]) -> str:
    """Return the lines as plain text for spreadsheets and mail, each line with its label."""
    return "\n".join(f"{line.label}: {line.text}" for line in lines)
