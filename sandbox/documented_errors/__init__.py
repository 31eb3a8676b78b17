"""Find errors of Azure by their code.

The modules of this package declare the errors and name their sources: documentation of Microsoft, and recorded answers.

A scripted answer in an estate file can name one of these errors. It then has the key `error` in place of `status` and
`body`. The value is the code of the error, such as `"DatabaseDoesNotExist"`. If a code has several statuses, the value
can begin with one of them: `"409 UpsertServerSecurityAlertPolicyFailed"`.
"""

from sandbox.documented_errors import arm, graph, sql, storage
from sandbox.documented_errors.declare import DocumentedError

ERRORS = {error.code: error for error in (*arm.ERRORS, *graph.ERRORS, *sql.ERRORS, *storage.ERRORS)}


def documented(name: str) -> tuple[int, DocumentedError] | None:
    """Return (status, error) for the text `CODE` or `STATUS CODE`. Return None if no module declares such an error."""
    status, _, code = name.rpartition(" ")
    found = ERRORS.get(code)
    if found is None or (status and not status.isdecimal()):
        return None
    wanted = int(status) if status else found.status
    return (wanted, found) if wanted in found.statuses else None
