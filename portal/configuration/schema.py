"""The JSON schema of configuration files, and the sentences about what contradicts it.

The schema is made from the catalogue, the roles and the kinds of events, so editors complete exactly what this version
knows. `docs/configuration.schema.json` and the page of the configuration publish it.

Source: https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import islice, takewhile
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from assessments.actions.watch_settings import WORDS
from assessments.controls.registry import SECTIONS, catalogue
from assessments.frameworks.framework import NAMES as FRAMEWORKS
from assessments.models import Finding
from portal.configuration.plan_exclusion_rules import schema as exclusion_rules
from portal.configuration.plan_report_settings import SCHEMA as REPORT_SETTINGS
from portal.configuration.plan_watch_rules import schema as watch_rules
from portal.configuration.problems import MAX_PROBLEMS, Problem
from portal.configuration.yaml_text import Document, Path
from portal.distribution.actions.schedules import MAX_NAME as MAX_SCHEDULE_NAME
from portal.distribution.actions.schedules import MAX_SCHEDULES
from portal.distribution.models import PORTFOLIO
from portal.distribution.recipients import MAX_ADDRESSES, MAX_PEOPLE
from portal.distribution.timetable import EXAMPLES
from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from portal.reports.create import MAX_CLASSIFICATION
from portal.reports.kinds import DEFAULT_KIND
from portal.reports.kinds import KINDS as REPORT_KINDS
from portal.reports.models import DEFAULT_FRAMEWORK
from portal.retention.kinds import CUSTOMER_KINDS
from portal.retention.kinds import KINDS as KINDS_OF_DATA
from portal.retention.kinds import MAX_DAYS as MAX_RETENTION_DAYS
from portal.retention.kinds import Kind as DataKind
from portal.treatment.actions.rules import MAX_RULES
from tenants.actions.organizations import MAX_DAYS
from tenants.models import Language, Paper
from tenants.models.tenant import DUE_DAYS
from tenants.roles import ORGANIZATION_ROLES, Role

VERSION: Final = 1
SECRET: Final = "set on the page"  # noqa: S105 - what a file contains instead of a secret
MAX_CUSTOMERS: Final = 2000
# A comparison of two words takes about 0.1 ms, so only this many known words are compared with an unknown word.
_COMPARED: Final = 100
MAX_WORD: Final = 254

type Schema = dict[str, Any]

_TYPES: Final = {
    "object": "a mapping (lines of “key: value”)",
    "array": "a list (lines that begin with “- ”)",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


@cache
def schema() -> Schema:
    """Return the schema of a file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of a Surety organization",
        "description": (
            "A missing key changes nothing. A list in the file is complete: entries that the list does not contain are"
            " removed. Secrets are never part of a file."
        ),
        **_object(
            {
                "version": {"const": VERSION, "description": "Version of this format"},
                "organization": _organization(),
                "customers": {
                    "type": "array",
                    "description": "Registered customers. Customers that are not listed do not change",
                    "items": _customer(),
                    "maxItems": MAX_CUSTOMERS,
                },
            },
            required=("version", "organization"),
        ),
    }


def problems(document: Document) -> list[Problem]:
    """Return the first 50 values or keys that contradict the schema, in the order of their lines."""
    validator = Draft202012Validator(schema())
    found = (one for error in validator.iter_errors(document.data) for one in _problems(error, document))
    return sorted(set(islice(found, MAX_PROBLEMS)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the sentence that names the nearest known word, or an empty text if none is near.

    If there are more than 100 known words, only the 100 that share the most letters with the word, at their
    beginning and end, are compared.
    """
    word = word[:MAX_WORD].casefold()
    by_case = {one.casefold(): one for one in known}
    compared: Iterable[str] = by_case
    if len(by_case) > _COMPARED:
        compared = heapq.nlargest(_COMPARED, by_case, key=partial(_common_ends, word))
    close = difflib.get_close_matches(word, compared, n=1, cutoff=0.6)
    return f" Did you mean “{by_case[close[0]]}”?" if close else ""


def _common_ends(first: str, second: str) -> int:
    """Return the number of letters that two words share at their beginning, plus the number that they share at their
    end.
    """
    beginning = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    end = takewhile(lambda pair: pair[0] == pair[1], zip(first[::-1], second[::-1], strict=False))
    return sum(1 for _ in beginning) + sum(1 for _ in end)


def _organization() -> Schema:
    return _object(
        {
            "short_name": _text("Short name of the organization to which the file belongs", 60),
            "name": _text("Name of the organization", 200),
            "time_zone": _text(
                "IANA name, such as Europe/Berlin. Used for new customers, and in mails to people who have not chosen a"
                " time zone",
                64,
            ),
            **REPORT_SETTINGS,
            "schedule": _text(
                "Default schedule of customers: off, or a text such as daily 02:00 within 120", 250
            ),
            "watch": {
                "enum": ["on", "off"],
                "description": "Whether customers that have not chosen are watched between assessments",
            },
            "retention": _retention(
                KINDS_OF_DATA.values(),
                "How long data of customers without a value of their own is kept",
            ),
            "report_schedules": _report_schedules(
                {"label": _text("Customers; missing: all", 100)}, [*REPORT_KINDS, PORTFOLIO]
            ),
            "people": _people(sorted(map(str, ORGANIZATION_ROLES))),
        },
        required=("short_name",),
    )


def _customer() -> Schema:
    return _object(
        {
            "short_name": _text("Short name of a registered customer, as in addresses", 60),
            "name": _text("Name of the customer", 200),
            "time_zone": _text("IANA name, such as Europe/Berlin", 64),
            "labels": {"type": "array", "items": _text("A label", 60), "maxItems": 100},
            "schedule": _text("off, default, or a text such as Mon-Fri 02:00 within 120", 250),
            "watch": {
                "enum": list(WORDS.values()),
                "description": "Whether the customer is watched between assessments; default follows the organization",
            },
            "policy": _object(
                {
                    "exception_cap_days": _days("Maximum length of an exception, in days"),
                    "due_days": _object(
                        {severity: _days(f"Days until a {severity} finding is due") for severity in DUE_DAYS},
                        required=tuple(DUE_DAYS),
                    ),
                }
            ),
            "retention": _retention(CUSTOMER_KINDS, "How long the customer’s data is kept"),
            "parameters": {
                **_object({slug: _parameters(slug) for slug in sorted(_with_parameters())}),
                "description": "Parameters of controls; a control that is missing has the defaults",
            },
            "owner_rules": {
                "type": "array",
                "description": "In the order in which they apply",
                "items": _owner_rule(),
                "maxItems": MAX_RULES,
            },
            "exclusion_rules": exclusion_rules(),
            "watch_rules": watch_rules(),
            "channels": {"type": "array", "items": _channel(), "maxItems": 50},
            "report_schedules": _report_schedules({}, list(REPORT_KINDS)),
            "people": _people([str(role) for role in Role if role not in ORGANIZATION_ROLES]),
            "credentials": {"const": SECRET, "description": "Credentials are never part of a file"},
        },
        required=("short_name",),
    )


def _retention(kinds: Iterable[DataKind], description: str) -> Schema:
    found = {
        kind.key: {
            "description": f"{kind.label}: days, keep (without limit) or default",
            "anyOf": [
                {"type": "integer", "minimum": kind.minimum, "maximum": MAX_RETENTION_DAYS},
                {"enum": ["keep", "default"]},
            ],
        }
        for kind in kinds
    }
    return {**_object(found), "description": f"{description}. A kind that is missing stays as it is"}


def _people(roles: list[str]) -> Schema:
    item = _object(
        {
            "email": _text("Address of the person; an unknown address is invited by mail", 254),
            "role": {"enum": roles},
            "from": _text("Start, if it is in the future: 2027-01-31 or 2027-01-31T08:00:00Z", 40),
            "until": _text("End: 2027-03-31 (last day) or 2027-03-31T18:00:00Z", 40),
            "review_first": _text(
                "Only for auditors: first day of the review period, such as 2027-01-01", 10
            ),
            "review_last": _text("Only for auditors: last day of the review period, such as 2027-03-31", 10),
        },
        required=("email", "role"),
    )
    return {"type": "array", "description": "Everybody with access", "items": item, "maxItems": 2000}


def _owner_rule() -> Schema:
    return _object(
        {
            "name": _text("Name of the rule", 120),
            "owner": _text("Email address of the owner", 254),
            "enabled": {"type": "boolean", "default": True},
            "control": {"enum": sorted(catalogue())},
            "section": {"enum": sorted(SECTIONS)},
            "severity": {"enum": list(Finding.Severity.values)},
            "unit": _text("/subscriptions/<id> or directory:<id>", 60),
            "resource_group": _text("Name of a resource group, with * and ?", 200),
            "resource_pattern": _text("Pattern of the full resource id, with * and ?", 500),
            "tag_name": _text("Name of a tag", 512),
            "tag_value": _text("Value of the tag; missing: any value", 256),
        },
        required=("name", "owner"),
    )


def _channel() -> Schema:
    return _object(
        {
            "name": _text("Name of the channel", 120),
            "kind": {"enum": list(Channel.Kind.values)},
            "events": {"type": "array", "items": {"enum": list(KINDS)}, "minItems": 1},
            "enabled": {"type": "boolean", "default": True},
            "address": {"const": SECRET, "description": "Addresses are secrets and never part of a file"},
        },
        required=("name", "kind", "events"),
    )


def _report_schedules(more: Mapping[str, Schema], kinds: Iterable[str]) -> Schema:
    item = _object(
        {
            "name": _text("Name of the schedule", MAX_SCHEDULE_NAME),
            "when": _text(f"One such as {', '.join(EXAMPLES)}", 100),
            "kind": {"enum": list(kinds), "default": DEFAULT_KIND},
            "framework": {"enum": list(FRAMEWORKS), "default": DEFAULT_FRAMEWORK},
            "paper": {"enum": list(Paper.values), "description": "If missing, the paper of the organization"},
            "language": {
                "enum": list(Language.values),
                "description": "Language of the pages. If missing, that of the organization",
            },
            "classification": _text("Printed on each page", MAX_CLASSIFICATION),
            "without_names": {"type": "boolean", "default": False},
            "recipients": {
                "type": "array",
                "description": "Email addresses of the recipients, with or without an account",
                "items": _text("An address", 254),
                "minItems": 1,
                "maxItems": MAX_PEOPLE + MAX_ADDRESSES,
            },
            "enabled": {"type": "boolean", "default": True},
            **more,
        },
        required=("name", "when", "recipients"),
    )
    return {"type": "array", "items": item, "maxItems": MAX_SCHEDULES}


def _with_parameters() -> Iterator[str]:
    return (slug for slug, control in catalogue().items() if control.parameters)


def _parameters(slug: str) -> Schema:
    found: Schema = {}
    for parameter in catalogue()[slug].parameters:
        kind = {bool: "boolean", int: "number", float: "number"}.get(type(parameter.default), "string")
        one: Schema = {"type": kind, "description": parameter.help, "default": parameter.default}
        if parameter.choices:
            one = {"enum": list(parameter.choices), "description": parameter.help}
        if parameter.minimum is not None:
            one["minimum"] = parameter.minimum
        if parameter.maximum is not None:
            one["maximum"] = parameter.maximum
        found[parameter.name] = one
    return _object(found)


def _object(properties: Mapping[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


def _text(description: str, longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": description}


def _days(description: str) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "description": description}


def _problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for key in error.instance:
            if key not in known:
                yield Problem(document.line((*path, key)), _unknown_key(key, known, path))
        return
    if error.validator == "anyOf":
        days = error.validator_value[0]
        text = (
            f"{_name(path)} must be whole days from {days['minimum']} to {days['maximum']}, keep or default."
        )
        yield Problem(document.line(path), text)
        return
    yield Problem(document.line(path), _sentence(error, path))


def _unknown_key(key: str, known: list[str], path: Path) -> str:
    shown = key[:60]
    if path and path[-1] == "parameters" and key in catalogue():
        return f"The control “{shown}” has no parameters. Remove it."
    guess = nearest(key, known)
    listed = "" if guess or len(known) > 20 else f" The keys are: {', '.join(known)}."
    return f"“{shown}” is not a key{_place(path)}.{guess or listed or ' Correct or remove it.'}"


def _sentence(error: ValidationError, path: Path) -> str:
    value, limit = error.instance, error.validator_value
    name = _name(path)
    match error.validator:
        case "required":
            missing = next(key for key in limit if key not in value)
            return f"The key “{missing}” is missing{_place(path, 'in')}. Add it."
        case "type":
            return f"{name} must be {_TYPES[limit]}, not {_described(value)}.{_hint(value, limit)}"
        case "const" if limit == SECRET:
            return (
                f"{name} is a secret. Write “{SECRET}” or remove the key, and enter the secret on the page."
            )
        case "const":
            return f"{name} must be {limit}. This version of Surety reads no other value."
        case "enum":
            words = [str(one) for one in limit]
            guess = nearest(value, words) if isinstance(value, str) else ""
            listed = f" Use one of: {', '.join(words)}." if len(words) <= 20 else " See the JSON schema."
            return f"{name} cannot be {_described(value)}.{guess or listed}"
        case "minimum":
            return f"{name} must be at least {limit}."
        case "maximum":
            return f"{name} must be at most {limit}."
        case "minLength":
            return f"{name} is empty. Enter a text, or remove the key."
        case "maxLength":
            return f"{name} has more than {limit} characters. Shorten it."
        case "minItems":
            return f"{name} is an empty list. Add at least {limit} entry."
        case "maxItems":
            return f"{name} has more than {limit} entries. Remove some."
    return f"{name} is invalid. See the JSON schema."


def _name(path: Path) -> str:
    if not path:
        return "The file"
    key = path[-1]
    if isinstance(key, int):
        return f"Entry {key + 1} of “{path[-2]}”" if len(path) > 1 else f"Entry {key + 1}"
    return f"“{key}”"


def _place(path: Path, preposition: str = "of") -> str:
    words = [part for part in path if isinstance(part, str)]
    return f" {preposition} “{words[-1]}”" if words else ""


def _described(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"“{str(value).lower()}”"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"“{str(value)[:60]}”"


def _hint(value: Any, wanted: str) -> str:
    if wanted == "string" and isinstance(value, bool | int | float):
        return " Put it into quotation marks."
    return ""
