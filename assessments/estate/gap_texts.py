"""Describe gaps in sentences that say why data could not be read. Pure functions."""

from __future__ import annotations

from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.gaps import Gap, Reason

_BY_VERSION = {Reason.BAD_ANSWER, Reason.NOT_FOUND}


def describe_gap(gap: Gap) -> str:
    """Say why something could not be read: "Missing permission Policy.Read.All (Security defaults, 403)".

    After a 404 or a malformed answer, the text also names the api-version, because Azure may answer differently for
    another version.
    """
    known = ALL.get(gap.collection)
    status = " ".join(part for part in (str(gap.status or ""), gap.code) if part)
    version = f"api-version {gap.api_version}" if gap.api_version and gap.reason in _BY_VERSION else ""
    details = ", ".join(part for part in (known.title if known else gap.collection, status, version) if part)
    return f"{_cause(gap)} ({details})"


def could_not_read(values: str, reason: str) -> str:
    """Return a remark that says why observed values are unknown: "Secure score could not be read: …".

    `values` has the labels of the observed values (`assessments.display.observed.label`), joined by “and”; all labels
    except the first may begin with a lower-case letter. Pages find the remark by these labels, and show the reason in
    place of the values (`assessments.display.observed.describe`).
    """
    return f"{values} could not be read: {reason}"


def permission_words(permission: str, collection: Collection | None = None) -> str:
    """Return the permission in words: "A or B, and C" if the collection needs C together with one of A and B."""
    besides = collection.with_permissions if collection is not None else ()
    words = " or ".join(permission.split("|"))
    return f"{words}, and {' and '.join(besides)}" if besides else words


def _cause(gap: Gap) -> str:
    known = ALL.get(gap.collection)
    if gap.reason is Reason.FORBIDDEN and gap.permission:
        return f"Missing permission {permission_words(gap.permission, known)}"
    if gap.reason is Reason.PARTLY_DELEGATED and gap.permission:
        return (
            f"{permission_words(gap.permission, known)} is not delegated for the whole subscription: delegate the role"
            " Reader on the subscription, not only on resource groups"
        )
    if gap.reason is Reason.NOT_DELEGATED and known is not None and known.hidden_by_lighthouse:
        return "Azure Lighthouse does not show the roles of the customer’s people and applications"
    if gap.reason is Reason.LICENCE_MISSING and known is not None and known.licence:
        return f"The directory lacks the licence {known.licence}"
    if gap.reason is Reason.BAD_ANSWER:
        refused = gap.status is not None and gap.status >= 400
        return "Azure refused the request" if refused else "Azure sent a malformed answer"
    if gap.reason is Reason.API_VERSION and gap.message:
        return gap.message.removesuffix(".")
    return gap.reason.label[0].upper() + gap.reason.label[1:]
