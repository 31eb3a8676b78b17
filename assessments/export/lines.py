"""Build the lines of an estate file from the recorded data of a directory's units. Pure functions.

Each line is a JSON object of one of these forms:

- `{"directory": …}`: the Entra directory
- `{"id": …}`: a document of Azure Resource Manager, such as a subscription
- `{"graph": path, "value": …}`: the objects at a path of Microsoft Graph
- `{"answer": …}`: the HTTP answer to one request
- `{"imported": <collection>, "scope": …, "value": […]}`: documents that people imported; the sandbox skips these lines
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.collections import ALL
from assessments.estate.ids import fold
from assessments.export.derivable import is_derivable
from assessments.export.gap_answers import scripted

Line = dict[str, Any]
Content = Mapping[str, Mapping[str, Any]]

# Each directory in an exported file has a client. The client's id is a UUID in the namespace `_CLIENTS`, and its secret
# is `SECRET`. Id and secret are useful only in the sandbox.
_CLIENTS = uuid.UUID("5b0a3f1c-5f0e-4a52-9b1c-1f5d5d0f6f6e")
SECRET = "re-performance"  # noqa: S105 - not the secret of any service
_GRAPH_PERMISSIONS = frozenset(
    permission for c in ALL.values() if c.source is Source.GRAPH for permission in c.permissions
)
_OBJECTS_PER_LINE = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorded data of one unit. `manifest` is a result of `Manifest.content`. `gaps` is the value of
    `Unit.gaps`.
    """

    scope_id: str
    name: str
    manifest: Mapping[str, Any]
    gaps: tuple[Mapping[str, Any], ...]

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The GUIDs of the unit's subscriptions in lower case."""
        return tuple(str(guid).casefold() for guid in self.manifest.get("subscriptions", ()))


def merged(into: Any, other: Any) -> Any:
    """Merge two partial copies of one document. If both copies have a list at the same place, the longer list is
    used.
    """
    if isinstance(into, dict) and isinstance(other, Mapping):
        for key, value in other.items():
            into[key] = merged(into[key], value) if key in into else value
        return into
    if isinstance(into, list) and isinstance(other, list):
        return into if len(into) >= len(other) else other
    return other if into is None else into


def body_of(collection: Collection, identifier: str, hashes: Iterable[str], content: Content) -> Line:
    """Return the properties of a document that were read, merged from its pieces of evidence. `content` is {hash:
    content}."""
    body: Any = {"id": identifier} if identifier else {}
    for sha256 in hashes:
        # Merge into a copy, because two units can refer to the same evidence.
        body = merged(body, _copy(content[sha256]))
    if identifier:
        body["id"] = identifier
    return {**collection.query_properties, **body}


class EstateLines:
    """The units of one directory, as lines of an estate file.

    `remarks` are sentences on the data that an estate file cannot express. The remarks are complete when `lines` has
    yielded the last line.
    """

    def __init__(self, directory_id: str, units: Iterable[Recorded], content: Content) -> None:
        self.directory_id = directory_id
        self.remarks: list[str] = []
        self._units = list(units)
        self._content = content
        self._subscriptions = frozenset(guid for unit in self._units for guid in unit.subscriptions)
        self._documents: dict[str, Line] = {}
        self._graph: dict[str, dict[str, Line]] = {}
        self._singles: dict[str, Line] = {}
        self._answers: dict[str, Line] = {}
        self._imported: list[Line] = []
        # {path in lower case: names of the collections that were answered there}
        self._answered: dict[str, set[str]] = {}
        # Permissions that the client in the file must not have, so that the sandbox refuses collections that could not
        # be read.
        self._withheld: set[str] = set()

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the file. The first line describes the Entra directory."""
        gaps = [(unit, gap) for unit in self._units for gap in unit.gaps]
        partial = {(str(gap["collection"]), fold(str(gap["scope"]))): gap for _, gap in gaps}
        for unit in self._units:
            for name, scopes in unit.manifest.get("answers", {}).items():
                for scope, rows in scopes.items():
                    self._answer(ALL[name], scope, rows, partial.get((name, fold(scope))))
        for unit, gap in gaps:
            self._gap(unit, gap)
        self._script_without_permission()
        client = {
            "clientId": str(uuid.uuid5(_CLIENTS, self.directory_id)),
            "secret": SECRET,
            "subscriptions": ["*"],
            "graph": sorted(_GRAPH_PERMISSIONS - self._withheld),
        }
        yield {"directory": {"tenantId": self.directory_id, "clients": [client]}}
        yield from self._subscription_lines()
        yield from (self._documents[key] for key in sorted(self._documents))
        for path in sorted(self._singles):
            yield {"graph": path, "value": self._singles[path]}
        for path in sorted(self._graph):
            rows = [self._graph[path][key] for key in sorted(self._graph[path])]
            for start in range(0, max(len(rows), 1), _OBJECTS_PER_LINE):
                yield {"graph": path, "value": rows[start : start + _OBJECTS_PER_LINE]}
        yield from (self._answers[path] for path in sorted(self._answers))
        yield from self._imported

    def _subscription_lines(self) -> Iterator[Line]:
        names = {unit.scope_id: unit.name for unit in self._units}
        for guid in sorted(self._subscriptions):
            scope = f"/subscriptions/{guid}"
            yield {
                "id": scope,
                "subscriptionId": guid,
                "displayName": names.get(scope) or guid,
                "state": "Enabled",
                "tenantId": self.directory_id,
            }

    def _answer(
        self, collection: Collection, scope: str, rows: list[Any], gap: Mapping[str, Any] | None
    ) -> None:
        below = collection.targets is not None and collection.is_scoped
        if below and (not scope or scope.startswith("directory:")):
            return  # no request was sent, because the unit has no parent resources
        if collection.source is Source.IMPORTED:
            bodies = [body_of(collection, identifier, hashes, self._content) for identifier, hashes in rows]
            self._imported.append({"imported": collection.name, "scope": scope, "value": bodies})
            return
        path = collection.path.replace("{scope}", scope)
        bodies = [body_of(collection, identifier, hashes, self._content) for identifier, hashes in rows]
        self._answered.setdefault(fold(path), set()).add(collection.name)
        if gap is not None and not _is_inherited(gap, path):
            self._cut_short(collection, path, bodies, gap)
        if collection.source is Source.GRAPH:
            self._add_graph(collection, path, bodies)
        elif is_derivable(collection, path, [identifier for identifier, _ in rows], self._subscriptions):
            for body in bodies:
                key = fold(body["id"])
                self._documents[key] = merged(self._documents.get(key), body)
        elif gap is None and not self._is_marker(collection, scope, rows):
            self._script(
                path, 200 if bodies or collection.shape is Shape.LIST else 404, _wire(collection, bodies)
            )

    def _is_marker(self, collection: Collection, scope: str, rows: list[Any]) -> bool:
        """Return whether this empty answer was stored without a request, because the unit has no parent resources."""
        own = scope.rpartition("/")[2] in self._subscriptions
        return collection.targets is not None and not rows and scope.count("/") == 2 and own

    def _add_graph(self, collection: Collection, path: str, bodies: list[Line]) -> None:
        if collection.shape is Shape.SINGLE:
            for body in bodies:
                self._singles[path] = merged(self._singles.get(path), body)
            return
        documents = self._graph.setdefault(path, {})
        for body in bodies:
            key = fold(str(body.get("id", ""))) or f"#{len(documents)}"
            documents[key] = merged(documents.get(key), body)

    def _cut_short(
        self, collection: Collection, path: str, bodies: list[Line], gap: Mapping[str, Any]
    ) -> None:
        """Write an answer with the documents that were read, and with a link to a next page. The request for the next
        page fails, as it did in the assessment.
        """
        failing, answer = f"/gap/{len(self._answers)}", scripted(gap)
        link = "@odata.nextLink" if collection.source is Source.GRAPH else "nextLink"
        self._script(path, 200, {**_wire(collection, bodies), link: failing})
        self._script(failing, answer.status, answer.body)
        self._note_loss(answer.loss, path)

    def _gap(self, unit: Recorded, gap: Mapping[str, Any]) -> None:
        collection, path = ALL[str(gap["collection"])], str(gap.get("path") or "")
        paths = [path] if path else self._paths_of(unit, collection)
        for path in paths:
            if fold(_served(path)) in self._answers:
                # The answer at this path is already written. This can happen if this gap is a copy of a parent's gap.
                continue
            if others := self._answered.get(fold(path), set()) - {collection.name}:
                if collection.shares_path:
                    self._withheld.update(collection.permissions)
                    continue
                self.remarks.append(
                    f"{collection.name} could not be read at {path}, but {', '.join(sorted(others))} was"
                    " read there. An estate file has one line for all these collections, so the file"
                    " marks all of them as unread."
                )
            answer = scripted(gap)
            self._script(path, answer.status, answer.body)
            self._note_loss(answer.loss, path)

    def _script_without_permission(self) -> None:
        """Write the answers of the collections that were read, but for which the client in the file lacks all
        permissions (`_withheld`). Without these answers, the sandbox would refuse the requests.
        """
        for collection in ALL.values():
            path = collection.path
            if collection.shares_path or not self._withheld.issuperset(collection.permissions):
                continue
            if path in self._graph and fold(_served(path)) not in self._answers:
                rows = self._graph[path]
                self._script(path, 200, {"value": [rows[key] for key in sorted(rows)]})

    def _paths_of(self, unit: Recorded, collection: Collection) -> list[str]:
        """Return the paths at which the unit requests the collection. Call this if the collection's gap has no path."""
        # A collection with `targets` is requested for each of its parent resources. If it has a gap without a path, the
        # parent resources could not be read, so the collection was never requested. Collections with `only_if_listed`
        # are an exception: if the list of resources cannot be read, they are requested at the subscription.
        if collection.targets is not None and not collection.only_if_listed:
            return []
        if collection.source is Source.GRAPH:
            return [collection.path]
        return [collection.path.replace("{scope}", f"/subscriptions/{guid}") for guid in unit.subscriptions]

    def _note_loss(self, loss: str, path: str) -> None:
        if loss:
            self.remarks.append(f"{path}: {loss}")

    def _script(self, path: str, status: int, body: Any) -> None:
        served = _served(path)
        self._answers[fold(served)] = {"answer": {"path": served, "status": status, "body": body}}


def _is_inherited(gap: Mapping[str, Any], path: str) -> bool:
    """Return whether the gap is a copy of a parent collection's gap. If it is, nothing was requested at `path`."""
    failed = str(gap.get("path") or "")
    return bool(failed) and fold(failed) != fold(path)


def _served(path: str) -> str:
    return path if path.startswith("/") else f"/v1.0/{path}"


def _wire(collection: Collection, bodies: list[Line]) -> Line:
    if collection.shape is Shape.LIST:
        return {"value": bodies}
    if bodies:
        return bodies[0]
    return {
        "error": {
            "code": "ResourceNotFound",
            "message": "The requested resource did not exist when the evidence was collected.",
        }
    }


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
