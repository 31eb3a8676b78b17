"""Emulate Azure Resource Graph: run the query in a POST request over the documents of subscriptions.

The sandbox supports these operators of the Kusto query language:

- `where` with `=~`, `in~`, `isnotempty`, or `>=` for an earliest time
- `mv-expand`
- `project` with names, texts, `bag_pack`, `strcat` and `tostring`
- `order by id asc`

As in Azure, the reply leaves out rows that the client may not read, without an error. Format:
https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.arm import change_table
from sandbox.arm.documents import subscription_document
from sandbox.messages import Reply, Request, as_json
from sandbox.paths import LISTED_AS, split_path
from sandbox.stores.arm import Store

PATH = "/providers/microsoft.resourcegraph/resources"
MAX_ROWS = 1000
Row = Mapping[str, Any]
_SUBSCRIPTION = "microsoft.resources/subscriptions"
# In Azure, the row of a subscription contains the management groups above it. An estate file has the management groups
# as documents below the subscription.
_GROUPS = "microsoft.management/managementgroups"
_NOT_EMPTY = re.compile(r"where isnotempty\(([\w.]+)\)")
_EXPAND = re.compile(r"mv-expand (\w+) = ([\w.]+)")
_WHERE = re.compile(r"where ([\w.]+) (=~|in~) (.+)")
_SINCE = re.compile(r"where todatetime\(([\w.]+)\) >= datetime\(([\w:.+-]+)\)")
_TEXT = re.compile(r"'([^']*)'")
_TOKEN = re.compile(r"\s*(?:'([^']*)'|([\w.]+)|([(),=]))")


class QueryError(Exception):
    """The query is malformed, or the sandbox does not support it."""


def answer(request: Request, store: Store, granted: frozenset[str]) -> Reply:
    """Return the reply to a query. `granted` are the subscriptions that the client may read."""
    try:
        body = json.loads(request.body)
        subscriptions = [str(one).lower() for one in body["subscriptions"]]
        options = body.get("options") or {}
        _, *steps = [part.strip() for part in str(body["query"]).split("|")]
        start = int(options.get("$skipToken") or 0)
        size = min(int(options.get("$top") or MAX_ROWS), MAX_ROWS)
        if scripted := _scripted(store, subscriptions, steps):
            return scripted
        rows = _run(steps, _documents(store, [one for one in subscriptions if one in granted], steps))
    except (ValueError, KeyError, TypeError, QueryError) as error:
        return as_json(
            400, {"error": {"code": "BadRequest", "message": f"Please provide below info: {error}"}}
        )
    page = rows[start : start + size]
    reply: dict[str, Any] = {
        "totalRecords": len(rows),
        "count": len(page),
        "data": page,
        "facets": [],
        "resultTruncated": "false",
    }
    if start + size < len(rows):
        reply["$skipToken"] = str(start + size)
    return as_json(200, reply)


def _kind(steps: list[str]) -> str:
    for step in steps:
        if (match := _WHERE.fullmatch(step)) and match[1] == "type" and match[2] == "=~":
            return str(_TEXT.findall(match[3])[0]).lower()
    raise QueryError("a condition `type =~ '...'`, which the sandbox needs")


def _scripted(store: Store, subscriptions: list[str], steps: list[str]) -> Reply | None:
    """Return the error that the estate file prescribes for the resource type in the query, or None if there is no such
    error.

    The estate file has such an error at the path of the GET request that lists this type.
    """
    kind = _kind(steps)
    for subscription in subscriptions:
        path = _list_of(kind, subscription)
        for scripted in store.answers.get(path, []):
            if scripted.status >= 400:
                return as_json(scripted.status, scripted.body)
    return None


def _list_of(kind: str, subscription: str) -> str:
    listed = _GROUPS if kind == _SUBSCRIPTION else LISTED_AS.get(kind, kind)
    return f"/subscriptions/{subscription}/providers/{listed}"


def _documents(store: Store, subscriptions: list[str], steps: list[str]) -> Iterator[Row]:
    kind = _kind(steps)
    for subscription in subscriptions:
        keys = store.listing(_list_of(kind, subscription))
        rows = [{"type": split_path(key).type, **json.loads(store.documents[key])} for key in keys]
        if kind == change_table.KIND:
            rows = [row for row in rows if change_table.is_kept(row, datetime.now(UTC))]
        if kind != _SUBSCRIPTION:
            yield from rows
        elif subscription in store.subscriptions:
            # Documents of exported estates have no `name`, so take the name from the id.
            names = [row["id"].rpartition("/")[2] for row in rows]
            chain = [
                {"name": name, **(row.get("properties") or {})} for name, row in zip(names, rows, strict=True)
            ]
            document = json.loads(subscription_document(store, subscription))
            yield {**document, "type": kind, "properties": {"managementGroupAncestorsChain": chain}}


def _run(steps: list[str], documents: Iterator[Row]) -> list[Row]:
    rows = list(documents)
    for step in steps:
        if match := _WHERE.fullmatch(step):
            wanted = {text.lower() for text in _TEXT.findall(match[3])}
            rows = [row for row in rows if str(_value(row, match[1])).lower() in wanted]
        elif match := _SINCE.fullmatch(step):
            first = datetime.fromisoformat(match[2])
            rows = [row for row in rows if datetime.fromisoformat(str(_value(row, match[1]))) >= first]
        elif match := _NOT_EMPTY.fullmatch(step):
            rows = [row for row in rows if _value(row, match[1]) not in (None, "", [], {})]
        elif match := _EXPAND.fullmatch(step):
            rows = [{**row, match[1]: item} for row in rows for item in _value(row, match[2]) or [None]]
        elif step.startswith("project "):
            columns = _columns(step.removeprefix("project "))
            rows = [{name: _evaluate(what, row) for name, what in columns} for row in rows]
        elif step == "order by id asc":
            rows.sort(key=lambda row: str(row.get("id")).lower())
        else:
            raise QueryError(f"the sandbox does not support {step!r}")
    return rows


def _value(row: Row, path: str) -> Any:
    found: Any = row
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _columns(text: str) -> list[tuple[str, Any]]:
    tokens = [match.groups() for match in _TOKEN.finditer(text.strip())]
    columns: list[tuple[str, Any]] = []
    while tokens:
        _, name, _ = tokens.pop(0)
        what: Any = name
        if tokens and tokens[0][2] == "=":
            tokens.pop(0)
            what = _expression(tokens)
        columns.append((str(name), what))
        if tokens and tokens.pop(0)[2] != ",":
            raise QueryError(f"a comma after {name}")
    return columns


def _expression(tokens: list[tuple[Any, ...]]) -> Any:
    """Parse an expression. Return a path, or (function, arguments). A quoted text is returned as ("text", [text])."""
    text, name, _ = tokens.pop(0)
    if name is None:
        return "text", [text]
    if name not in ("bag_pack", "strcat", "tostring"):
        return name
    tokens.pop(0)
    arguments = []
    while True:
        arguments.append(_expression(tokens))
        if tokens.pop(0)[2] == ")":
            return name, arguments


def _evaluate(what: Any, row: Row) -> Any:
    if not isinstance(what, tuple):
        return _value(row, what)
    name, arguments = what
    if name == "text":
        return arguments[0]
    values = [_evaluate(argument, row) for argument in arguments]
    if name == "bag_pack":
        return dict(zip(values[0::2], values[1::2], strict=True))
    return "".join("" if value is None else str(value) for value in values)
