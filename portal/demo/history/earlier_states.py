"""Compute earlier states of an estate file, by undoing the later changes in today's documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.demo.history.changes import CHANGES, Change, Document


@dataclass(slots=True)
class _Line:
    """A line of the estate file. `changes` are the changes of the document in this line, as pairs (step, change at this
    step).
    """

    text: str
    id: str
    scope: str
    changes: list[tuple[int, Change]] = field(default_factory=list)


class EarlierStates:
    """The contents of a customer's estate file at each step of the history.

    Steps are numbered from 0. The last step, `steps` - 1, is today.

    `secret` is the client secret in the written states. If `secret` is empty, the states have today's client secret.
    """

    def __init__(self, estate: Path, visible: Sequence[int | None], *, secret: str = "") -> None:
        """Prepare the states.

        `visible` has for each step the number of subscriptions that the service principal can read; None means all.
        """
        self._visible, self._secret = visible, secret
        self.steps = len(visible)
        self._lines: list[_Line] = []
        self._directory: Document = {}
        self.directory_id = ""
        self.subscriptions: list[str] = []
        with estate.open(encoding="utf-8") as source:
            for text in source:
                self._add(text, json.loads(text))

    def _add(self, text: str, document: Document) -> None:
        if "directory" in document:
            self._directory = document
            self.directory_id = document["directory"]["tenantId"]
            return
        identifier = str(document.get("id", ""))
        parts = identifier.split("/")
        scope = parts[2] if identifier.startswith("/subscriptions/") else ""
        if scope and len(parts) == 3:
            self.subscriptions.append(scope)
        line = _Line(text, identifier, scope)
        kind = document.get("graph") or document.get("type", "")
        value = document["value"] if "graph" in document else document
        if isinstance(value, dict):
            key = identifier or str(value.get("id", ""))
            for change in CHANGES:
                if change.kind == kind and change.today(value):
                    step = change.step_of(key, self.steps)
                    if step is not None:
                        line.changes.append((step, change))
        self._lines.append(line)

    def visible(self, step: int) -> list[str]:
        """Return the ids of the subscriptions that the service principal can read at the step."""
        clients = self._directory["directory"]["clients"]
        granted = clients[0]["subscriptions"]
        allowed = self.subscriptions if granted == ["*"] else list(granted)
        number = self._visible[step]
        return allowed if number is None else allowed[:number]

    def changed(self, step: int) -> list[str]:
        """Return the scope ids of the directory and subscriptions whose documents changed at the step. Include
        subscriptions that are new at the step.
        """
        before = set(self.visible(step - 1)) if step else set()
        visible = set(self.visible(step))
        changed = {line.scope for line in self._lines for at, _ in line.changes if at == step}
        directory = [f"directory:{self.directory_id}"] if "" in changed else []
        return [
            *directory,
            *(f"/subscriptions/{scope}" for scope in sorted(visible & changed | visible - before)),
        ]

    def write(self, step: int, path: Path) -> None:
        """Write the state at the step as an estate file."""
        partial = path.with_suffix(".part")
        with partial.open("w", encoding="utf-8") as out:
            out.writelines(self._texts(step))
            out.write(json.dumps(self._client_line(step)) + "\n")
        partial.replace(path)

    def _texts(self, step: int) -> Iterator[str]:
        absent: list[str] = []
        for line in self._lines:
            later = [change for at, change in line.changes if at > step]
            if not later:
                if not (absent and line.id and any(line.id.startswith(parent) for parent in absent)):
                    yield line.text
                continue
            document: Document = json.loads(line.text)
            value = document["value"] if "graph" in document else document
            for change in later:
                if change.earlier(value) is None:
                    absent.append(f"{line.id}/")
                    break
            else:
                yield json.dumps(document) + "\n"

    def _client_line(self, step: int) -> Document:
        document: Document = json.loads(json.dumps(self._directory))
        for client in document["directory"]["clients"]:
            if self._visible[step] is not None:
                client["subscriptions"] = self.visible(step)
            if self._secret:
                client["secret"] = self._secret
        return document
