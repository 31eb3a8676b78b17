"""Parse request bodies as JSON, and answer in JSON, whatever media types the client accepts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class StrictJSONParser(JSONParser):
    """Parse a JSON object in UTF-8, and refuse all other values.

    NaN, infinities and repeated names are refused too, because clients and proxies read them differently. Half a
    surrogate pair is refused because it is not valid text: an answer that quoted it could not be encoded.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            # Decode here, because `json` would also accept bytes in UTF-16 and UTF-32.
            text = stream.read().decode("utf-8-sig")
            value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ParseError(
                "A text of the body contains half a surrogate pair (\\ud800 to \\udfff). Remove it."
            ) from None
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8. Send JSON in UTF-8.") from None
        except RecursionError:
            raise ParseError("The body is nested too deeply. Nest fewer lists and objects.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from None
        if not isinstance(value, dict):
            raise ParseError("The body must be a JSON object.")
        return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON value")


class OnlyJSON(BaseContentNegotiation):
    """Answer in JSON, whatever media types the client accepts. Otherwise, a client that does not accept JSON would get
    the status 406 instead of an error that says what is wrong.
    """

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        sent = request._request
        if (sent.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
            return None
        return next((parser for parser in parsers if parser.media_type == sent.content_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)
