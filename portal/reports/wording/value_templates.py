"""Define three kinds of templates: for values inside reasons, for observed values, and for sentences on what an
exception covers. `portal.reports.wording.reason_templates` explains placeholders such as `{value}`.
"""

from __future__ import annotations

from typing import Final

VALUES: Final = (
    "not a network ({value})",
    "not a number ({name})",
    "not a known severity ({value})",
    "not a port or port range ({value})",
    "not an IPv4 address ({value})",
    "not an IPv6 address ({value})",
    "not an IPv4 address or network ({value})",
    "not an IPv6 address or network ({value})",
    "not an address, block or service tag ({value})",
    "{number} roles",
    "{number} users",
    "{number} groups",
    "{number} applications",
    "{number} days",
    "{number} hours",
    "{number} minutes",
    "{number} seconds",
    "1 day {words}",
    "{number} days {words}",
    "1 hour {words}",
    "{number} hours {words}",
    "1 minute {words}",
    "{number} minutes {words}",
    "{number} failed attempts",
    "{number} more",
    "{number} of {number2} covered",
    "{number} % of IPv4",
    "{number} % of public IPv6",
    "an IPv6 network of size /{number}",
    "{number} IPv6 networks of size /64",
    "{number} IPv4 addresses ({prefix})",
    "{number} IPv6 addresses ({prefix})",
    "{number} addresses ({prefix})",
    "{number} IPv4 addresses",
    "{number} IPv6 addresses",
    "{number} addresses",
    ": 1 day",
    ": {number} days",
    "{time} {zone}",
)

TREATMENT: Final = (
    "{words}: {resource}",
    "{words}: 1 finding",
    "{words}: {number} findings",
    "{number} × {words}",
    "{sentence}, {sentence2}",
    "control is “{words}”",
    "control is “{words}”, {sentence}",
    "section is {words}",
    "severity is {words}",
    "subscription or directory is {unit}",
    "resource group matches {pattern}",
    "resource matches {pattern}",
    "tag {tag} is {value}",
    "tag {tag} is set",
)
