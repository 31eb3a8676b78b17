"""Write the output of the generator: the estate (JSON Lines) and optionally the expected verdicts."""

from __future__ import annotations

import json
from typing import Any, TextIO

Json = dict[str, Any]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Output:
    """A writer that counts its lines but does not keep them, so that memory does not grow with the estate."""

    def __init__(self, estate: TextIO, expected: TextIO | None = None) -> None:
        self._estate = estate
        self._expected = expected
        self.documents = 0
        self.graph_objects = 0
        self.verdicts = 0

    def document(self, document: Json) -> None:
        """Write an ARM document, which must have an `id`."""
        self._estate.write(_encode(document) + "\n")
        self.documents += 1

    def graph(self, path: str, value: Any) -> None:
        """Write a Microsoft Graph object, or a collection if `value` is a list."""
        self._estate.write(_encode({"graph": path, "value": value}) + "\n")
        self.graph_objects += len(value) if isinstance(value, list) else 1

    def answer(self, path: str, **reply: Any) -> None:
        """Write a scripted answer (`sandbox.estate.Answer`) for all requests of a path."""
        self._estate.write(_encode({"answer": {"path": path, **reply}}) + "\n")

    def directory(self, directory: Json) -> None:
        self._estate.write(_encode({"directory": directory}) + "\n")

    def cloud(self, cloud: Json) -> None:
        """Write which api-versions a national cloud supports, and the name of its region."""
        self._estate.write(_encode({"cloud": cloud}) + "\n")

    def verdict(self, control: str, subject: str, verdict: str) -> None:
        """Write the verdict that a correct engine must give on the subject."""
        if self._expected is not None:
            line = {"control": control, "subject": subject, "verdict": verdict}
            self._expected.write(_encode(line) + "\n")
        self.verdicts += 1
