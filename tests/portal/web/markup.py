"""HTML as a browser collapses it, so that tests of pages do not depend on how templates are laid out."""

from __future__ import annotations

import re
from typing import Any, Final

from django.http import HttpResponseBase
from django.test import Client

# White space counts here.
_VERBATIM: Final = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2>)", re.DOTALL)
_BLOCKS: Final = (
    "article|aside|body|button|caption|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|"
    "head|header|hr|html|label|legend|li|main|nav|ol|optgroup|option|p|section|select|summary|svg|table|tbody|td|"
    "tfoot|th|thead|title|tr|ul"
)
_AROUND_BLOCK: Final = re.compile(rf"\s*(</?(?:{_BLOCKS})\b[^<>]*>)\s*")
_TAG: Final = re.compile(r"<[^<>]+>")
_TAG_END: Final = re.compile(r"\s+(/?>)")


def compact_tags(html: str) -> str:
    """Collapse white space inside of tags only; texts stay as they are."""
    return _TAG.sub(lambda tag: _TAG_END.sub(r"\1", re.sub(r"\s+", " ", tag[0])), html)


def compact(html: str) -> str:
    """Collapse each run of white space to one space, and drop it around blocks and before the end of a tag."""
    parts = _VERBATIM.split(html)
    found = []
    # The pattern has two groups: text, verbatim element, its name, text, …
    for index in range(0, len(parts), 3):
        text = _TAG_END.sub(r"\1", re.sub(r"\s+", " ", parts[index]))
        found.append(_AROUND_BLOCK.sub(r"\1", text))
        found += parts[index + 1 : index + 2]
    return "".join(found)


class PageClient(Client):
    """A client whose HTML answers are compact."""

    def request(self, **request: Any) -> Any:
        answer: HttpResponseBase = super().request(**request)
        if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            answer.content = compact(answer.content.decode()).encode()  # type: ignore[attr-defined]
        return answer
