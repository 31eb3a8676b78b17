"""Read the properties of a document, with a check of each type and a record of each read.

Documents come from Azure and may lack any property, so each read states the expected type. A value of another type
raises `Unreadable`, which becomes an `unknown` verdict, never a pass. A control passes a `default` only if an absent
property has a defined meaning. The trace records every read, so the evidence of a verdict contains exactly the
properties that were read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast

from assessments.estate.ids import fold, name_of

REQUIRED: Final[Any] = object()
# The reason of a verdict shows at most this many characters of an unknown value.
_MAX_SHOWN: Final = 80


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[str, ...]:
    """Split a dotted path into keys. An OData key such as `@odata.type` is one key. The result is cached, because
    controls read the same few paths of many documents.
    """
    if "@" not in path:
        return tuple(path.split("."))
    return tuple(step.replace("\0", ".") for step in path.replace("@odata.", "@odata\0").split("."))


class Unreadable(Exception):
    """A property on which a result depends is absent, has the wrong type, or names a resource that is missing from the
    list of resources of its kind.

    `reason` is a whole sentence for people, without a full stop.
    """

    def __init__(self, document_id: str, path: str, problem: str, reason: str = "") -> None:
        text = f"{path} of {name_of(document_id) or 'the document'} is {problem}"
        super().__init__(text)
        self.document_id = document_id
        self.path = path
        self.problem = problem
        self.reason = reason or f"Property {text}"


class Undecided(Unreadable):
    """A property could be read, but Surety cannot derive the result from it. Either the meaning of the property is
    undocumented, or the result depends on data that Surety does not read.

    `reason` is a whole sentence for people, without a full stop.
    """

    def __init__(self, document_id: str, path: str, reason: str) -> None:
        super().__init__(document_id, path, "not sufficient", reason)


class Trace:
    """The properties that were read, by document: {document key: (view, {path})}."""

    __slots__ = ("reads",)

    def __init__(self) -> None:
        self.reads: dict[str, tuple[View, set[str]]] = {}

    def note(self, view: View, path: str) -> None:
        """Record that `path` of the view's document was read."""
        entry = self.reads.get(view.key)
        if entry is None:
            self.reads[view.key] = (view, {path})
        else:
            entry[1].add(path)


class View:
    """One JSON object (a document, or an object inside one) with typed reads.

    `body` is the JSON that Azure returned. `api_version` is the requested version, or empty if it is unknown.
    `traced_as` is the path of the object within the document. A read inside a list is recorded as a read of the whole
    list.
    """

    __slots__ = (
        "_list",
        "_prefix",
        "api_version",
        "body",
        "collection",
        "document",
        "id",
        "key",
        "request_id",
        "trace",
    )

    def __init__(
        self,
        body: Mapping[str, Any],
        *,
        collection: str = "",
        trace: Trace | None = None,
        document: View | None = None,
        traced_as: str = "",
        request_id: str = "",
        api_version: str = "",
    ) -> None:
        self.body = body
        self.request_id = request_id
        self.api_version = api_version
        self.trace = trace if trace is not None else Trace()
        self.document = document if document is not None else self
        # Within the document, the paths of this object's properties begin with `_prefix`. `_list` is the path of the
        # list that contains the object, or empty.
        self._prefix = f"{traced_as}." if traced_as else ""
        self._list = traced_as.partition("[]")[0] if "[]" in traced_as else ""
        if document is None:
            identifier = body.get("id")
            self.collection = collection
            self.id: str = identifier if isinstance(identifier, str) else ""
            self.key = f"{collection}|{fold(self.id)}"
        else:
            self.collection, self.id, self.key = document.collection, document.id, document.key

    def bound(self, trace: Trace) -> View:
        """Return the same document, with its reads recorded in `trace`."""
        if self.document is self:
            # Copy the attributes. The constructor would convert the id to lower case again, which is too slow to do for
            # every control and document.
            view = object.__new__(View)
            view.body, view.collection, view.id, view.key = self.body, self.collection, self.id, self.key
            view.request_id, view.api_version = self.request_id, self.api_version
            view.trace, view.document, view._prefix, view._list = trace, view, "", ""
            return view
        return View(
            self.body,
            collection=self.collection,
            trace=trace,
            request_id=self.request_id,
            api_version=self.api_version,
        )

    @property
    def name(self) -> str:
        """The document's name: the property `name` or, if absent, the last segment of the id."""
        name = self.document.body.get("name")
        return name if isinstance(name, str) and name else name_of(self.id)

    @property
    def location(self) -> str:
        """The region, lower case without spaces (`westeurope`), or an empty string."""
        location = self.document.body.get("location")
        self.document.trace.note(self.document, "location")
        return location.replace(" ", "").casefold() if isinstance(location, str) else ""

    def raw(self, path: str) -> Any:
        """Return the value at the dotted path, or None if it is absent."""
        # This method runs more often than any other, so it calls few functions.
        document = self.document
        where = self._list or self._prefix + path
        entry = self.trace.reads.get(document.key)
        if entry is None:
            self.trace.reads[document.key] = (document, {where})
        else:
            entry[1].add(where)
        node: Any = self.body
        for step in steps_of(path):
            # Check for dict before Mapping: nearly every object is a dict, and a check for Mapping is much slower.
            if not isinstance(node, dict) and not isinstance(node, Mapping):
                return None
            node = node.get(step)
        return node

    def has(self, path: str) -> bool:
        """Return whether the property is present and not null."""
        return self.raw(path) is not None

    def text(self, path: str, default: Any = REQUIRED) -> str:
        """Return a string. Without a `default`, this method and all similar methods of this class raise Unreadable if
        the property is absent.
        """
        return cast(str, self._typed(path, str, "text", default))

    def choice(self, path: str, known: Collection[str], default: Any = REQUIRED) -> str:
        """Return a text in lower case. Raise Unreadable if the text is not in `known`, because Surety does not know its
        meaning.
        """
        value = self.text(path, default)
        if value.casefold() not in known and value != default:
            raise self.unknown_value(path, value)
        return value.casefold()

    def choices(self, path: str, known: Collection[str], default: Any = REQUIRED) -> list[str]:
        """Return a list of texts in lower case. Raise Unreadable if one of the texts is not in `known`."""
        values = [value.strip() for value in self.texts(path, default)]
        for value in values:
            if value.casefold() not in known:
                raise self.unknown_value(path, value)
        return [value.casefold() for value in values]

    def flag(self, path: str, default: Any = REQUIRED) -> bool:
        """Return a JSON boolean. Raise Unreadable for other values, also for the string "true"."""
        return cast(bool, self._typed(path, bool, "true or false", default))

    def number(self, path: str, default: Any = REQUIRED) -> int | float:
        """Return a JSON number. Raise Unreadable for other values, also for a boolean."""
        value = self._typed(path, (int, float), "a number", default)
        if isinstance(value, bool):
            raise self.unreadable(path, "not a number")
        return cast("int | float", value)

    def texts(self, path: str, default: Any = REQUIRED) -> list[str]:
        """Return a list of strings."""
        value = self._typed(path, list, "a list", default)
        if any(not isinstance(item, str) for item in value):
            raise self.unreadable(path, "not a list of strings")
        return list(value)

    def items(self, path: str, default: Any = REQUIRED) -> list[View]:
        """Return a list of objects."""
        value = self._typed(path, list, "a list", default)
        if any(not isinstance(item, Mapping) for item in value):
            raise self.unreadable(path, "not a list of objects")
        where = self._join(path)
        return [
            View(item, document=self.document, trace=self.trace, traced_as=f"{where}[]") for item in value
        ]

    def object(self, path: str, default: Any = REQUIRED) -> View:
        """Return an object. If `default` is {}, an absent object counts as empty."""
        value = self._typed(path, Mapping, "an object", default)
        return View(value, document=self.document, trace=self.trace, traced_as=self._join(path))

    def time(self, path: str, default: Any = REQUIRED) -> datetime:
        """Return an ISO 8601 time as an aware datetime. Digits after the microseconds are cut, and a time without a
        zone is UTC."""
        value = self._typed(path, (str, datetime), "a time", default)
        if not isinstance(value, str):
            return cast(datetime, value)
        try:
            parsed = datetime.fromisoformat(value.strip())
        except ValueError:
            raise self.unreadable(path, "not a time") from None
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

    def unreadable(self, path: str, problem: str) -> Unreadable:
        """Return the error for a property of this object that is absent, of the wrong type or otherwise not usable.
        `problem` says what is wrong, such as “absent”."""
        return Unreadable(self.id, self._join(path), problem)

    def unknown_value(self, path: str, value: str) -> Unreadable:
        """Return the error for a property of this object with a value that Surety does not know."""
        shown = value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…"
        where = self._join(path)
        of = name_of(self.id) or "the document"
        reason = f"Surety does not know the value “{shown}” of {where} of {of}"
        return Unreadable(self.id, where, "not a known value", reason)

    def unlisted(self, path: str, what: str, identifier: str) -> Unreadable:
        """Return the error for a property that names a resource which Azure did not list.

        `what` is the kind of resource, such as `disk`.
        """
        reason = f"The {what} {name_of(identifier)} is not in the list that Azure returned"
        return Unreadable(self.id, self._join(path), "not in the list", reason)

    def _typed(self, path: str, kind: Any, wanted: str, default: Any) -> Any:
        value = self.raw(path)
        if value is None:
            self._check_parents(path)
            if default is REQUIRED:
                raise self.unreadable(path, "absent")
            return default
        if not isinstance(value, kind):
            raise self.unreadable(path, f"not {wanted}")
        return value

    def _check_parents(self, path: str) -> None:
        """Raise Unreadable if a value on the way to the property is not an object. In this case, the property is
        unreadable, not absent.

        `properties` itself must be present, because every ARM document has it.
        """
        node: Any = self.body
        steps = steps_of(path)
        for position, step in enumerate(steps[:-1]):
            node = node.get(step)
            if node is None:
                if step == "properties" and position == 0:
                    raise self.unreadable(step, "absent")
                return
            if not isinstance(node, Mapping):
                raise self.unreadable(".".join(steps[: position + 1]), "not an object")

    def _join(self, path: str) -> str:
        return self._prefix + path


def project(body: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return a copy of a document with only the id, the name, the type and the properties at `paths`, as far as the
    document has them.
    """
    cut: dict[str, Any] = {key: body[key] for key in ("id", "name", "type") if key in body}
    # Take shorter paths first: if an object is copied as a whole, longer paths below it add nothing.
    for path in sorted(paths, key=lambda p: (p.count("."), p)):
        source: Any = body
        target = cut
        steps = steps_of(path)
        for position, step in enumerate(steps):
            if not isinstance(source, Mapping) or step not in source:
                break
            source = source[step]
            if position == len(steps) - 1 or not isinstance(source, Mapping):
                target[step] = source
                break
            inner = target.get(step)
            if inner is None:
                inner = target[step] = {}
            elif inner is source:
                break
            target = inner
    return cut
