"""Replace ids by names in reasons, remarks and expectations. Pure functions."""

from __future__ import annotations

import re

from assessments.display.names import GUID, NO_NAMES, Names
from assessments.display.resources import RESOURCE_ID, resource
from assessments.display.text import Fragment, Named, Text

_IDS = re.compile(f"{RESOURCE_ID.pattern}|{GUID.pattern}", re.IGNORECASE)


def sentence(text: str, names: Names = NO_NAMES) -> Text:
    """Return a stored sentence in which ids of resources, people and roles are replaced by their names."""
    fragments: list[Fragment] = []
    end = 0
    for found in _IDS.finditer(text):
        fragments.append(text[end : found.start()])
        word = found.group()
        fragments.append(resource(word, names) if "/" in word or ":" in word else _named(word, names))
        end = found.end()
    fragments.append(text[end:])
    return Text(*(part for part in fragments if part != ""))


def _named(guid: str, names: Names) -> Fragment:
    return Named(guid, names.get(guid))
