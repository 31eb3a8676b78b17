"""Declare an error of Azure: its code, statuses and body."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DocumentedError:
    """An error that Microsoft documents or that was recorded. `statuses` are all statuses with which Azure sends the
    code, the usual status first.

    If `wrapped` is True, the error is JSON text in the message of an `UnknownError`, as Privileged Identity Management
    sends it. `target` is the name of the exceeded limit. Only errors of Microsoft.Compute have a `target`.
    """

    code: str
    statuses: tuple[int, ...]
    message: str
    wrapped: bool = False
    target: str = ""

    @property
    def status(self) -> int:
        """The usual HTTP status of the error."""
        return self.statuses[0]

    def body(self) -> dict[str, Any]:
        if self.wrapped:
            inner = {"errorCode": self.code, "message": self.message, "instanceAnnotations": []}
            return {"error": {"code": "UnknownError", "message": json.dumps(inner)}}
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.target:
            error["details"] = [{"code": "TooManyRequests", "target": self.target, "message": self.message}]
        return {"error": error}


def error(code: str, status: int, message: str, *others: int, **more: Any) -> DocumentedError:
    """Declare an error with its usual status. `others` are further statuses of the code."""
    return DocumentedError(code, (status, *others), message, **more)
