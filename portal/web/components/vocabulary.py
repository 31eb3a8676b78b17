"""Define the words that pages use for states and severities. Each word has a label, a colour role and an icon.

No meaning depends on colour alone: a badge always has the icon of its word, and the label beside the icon or in the
tooltip.
"""

from typing import Final, NamedTuple


class Mark(NamedTuple):
    """A word of a vocabulary, such as the severity “High”. ``role`` is a CSS suffix (``role-fail``); ``calm`` removes
    the dashed outline that the role “unknown” has.
    """

    key: str
    label: str
    icon: str
    role: str
    calm: bool = False


def _index(*marks: Mark) -> dict[str, Mark]:
    return {mark.key: mark for mark in marks}


VERDICTS: Final = _index(
    Mark("fail", "Fail", "fail", "fail"),
    Mark("unknown", "Unknown", "unknown", "unknown"),
    Mark("manual", "Manual", "manual", "manual"),
    Mark("pass", "Pass", "pass", "pass"),
    Mark("not_applicable", "Not applicable", "not-applicable", "unknown", calm=True),
)
SEVERITIES: Final = _index(
    Mark("critical", "Critical", "critical", "fail"),
    Mark("high", "High", "high", "high"),
    Mark("medium", "Medium", "medium", "warn"),
    Mark("low", "Low", "low", "low"),
    Mark("info", "Info", "info", "unknown", calm=True),
)
STATES: Final = _index(
    Mark("open", "Open", "open", "fail"),
    Mark("acknowledged", "Acknowledged", "acknowledged", "warn"),
    Mark("excepted", "Excepted", "excepted", "manual"),
    Mark("resolved", "Resolved", "resolved", "pass"),
    Mark("passing", "Passing", "pass", "pass"),
    Mark("unknown", "Unknown", "unknown", "unknown"),
    Mark("manual", "Manual", "manual", "manual"),
    Mark("not_applicable", "Not applicable", "not-applicable", "unknown", calm=True),
    Mark("gone", "Gone", "close", "unknown", calm=True),
    Mark("attested", "Attested", "attested", "pass"),
    Mark("not_met", "Attested as not met", "not-met", "fail"),
    Mark("lapsed", "Attestation expired", "lapsed", "fail"),
)
RUNS: Final = _index(
    Mark("queued", "Queued", "queued", "unknown", calm=True),
    Mark("waiting", "Waiting", "queued", "unknown", calm=True),
    Mark("running", "Running", "running", "low"),
    Mark("finished", "Finished", "pass", "pass"),
    Mark("done", "Done", "pass", "pass"),
    Mark("partial", "Partly finished", "partial", "warn"),
    Mark("cut_short", "Cancelled, partial", "partial", "warn"),
    Mark("failed", "Failed", "fail", "fail"),
    Mark("cancelling", "Cancelling", "stopped", "unknown", calm=True),
    Mark("cancelled", "Cancelled", "stopped", "unknown", calm=True),
    Mark("stopped", "Stopped", "warning", "fail"),
)
EXCEPTIONS: Final = _index(
    Mark("requested", "Requested", "queued", "warn"),
    Mark("returned", "Returned", "undo", "fail"),
    Mark("approved", "Approved, not started", "tick", "low"),
    Mark("active", "Active", "excepted", "manual"),
    Mark("refused", "Refused", "refused", "unknown", calm=True),
    Mark("withdrawn", "Withdrawn", "left", "unknown", calm=True),
    Mark("expired", "Expired", "lapsed", "unknown", calm=True),
    Mark("revoked", "Revoked", "revoked", "unknown", calm=True),
)
# The state of a manual control's answer.
ANSWERS: Final = _index(
    Mark("lapsed", "Expired", "lapsed", "fail"),
    Mark("never", "Never answered", "manual", "manual"),
    Mark("not_met", "Not met", "not-met", "fail"),
    Mark("ending", "Ends soon", "clock", "warn"),
    Mark("reopened", "Outdated", "undo", "fail"),
    Mark("changed", "Changed", "warning", "manual"),
    Mark("valid", "Met", "attested", "pass"),
)
# The state of a post to a channel.
DELIVERIES: Final = _index(
    Mark("waiting", "Waiting", "queued", "unknown", calm=True),
    Mark("delivered", "Delivered", "pass", "pass"),
    Mark("dead", "Failed", "fail", "fail"),
    Mark("dropped", "Discarded", "close", "unknown", calm=True),
)
# The review of a change.
REVIEWS: Final = _index(
    Mark("waiting", "Waiting for review", "queued", "warn"),
    Mark("unexpected", "Unexpected", "warning", "fail"),
    Mark("expected", "Expected", "tick", "pass"),
    Mark("rolled_back", "Rolled back", "undo", "pass"),
    Mark("none", "Not caught by a rule", "not-applicable", "unknown", calm=True),
)
# Results and coverage of framework requirements (portal.queries.frameworks).
RESULTS: Final = _index(
    Mark("failed", "Failed", "fail", "fail"),
    Mark("unknown", "Unknown", "unknown", "unknown"),
    Mark("unanswered", "Unanswered", "manual", "manual"),
    Mark("excepted", "Excepted", "excepted", "manual"),
    Mark("partly", "No failure found, partly assessed", "partial", "low"),
    Mark("attested", "Attested", "attested", "pass"),
    Mark("met", "Met", "pass", "pass"),
    Mark("not_applicable", "Not applicable", "not-applicable", "unknown", calm=True),
    Mark("not_assessed", "Not assessed", "queued", "unknown", calm=True),
    Mark("not_covered", "Not covered", "close", "unknown", calm=True),
)
COVERAGES: Final = _index(
    Mark("judged", "Judged", "tick", "pass"),
    Mark("partly_judged", "Partly judged", "partial", "low"),
    Mark("attested", "Attested", "attested", "manual"),
    Mark("not_covered", "Not covered", "close", "unknown", calm=True),
)
# The parts of a control's pass/fail bar (portal.queries.findings.groups), in the order of the bar.
BAR_PARTS: Final = _index(
    Mark("open", "Open", "open", "fail"),
    Mark("treated", "Acknowledged or excepted", "acknowledged", "treated"),
    Mark("unknown", "Unknown", "unknown", "unknown"),
    Mark("manual", "To be answered", "manual", "manual"),
    Mark("passing", "Passing", "pass", "pale"),
)
# The parts of a control's bar under “Fix next”. A row under “Fix next” is about the open findings with one severity, so
# the control's open findings with other severities are a separate part.
FIX_PARTS: Final = _index(
    BAR_PARTS["open"],
    Mark("other_open", "Open with another severity", "open", "high"),
    BAR_PARTS["treated"],
    BAR_PARTS["unknown"],
    VERDICTS["manual"],
    BAR_PARTS["passing"],
)
# The order of the parts in each kind of bar. Failures, and manual controls that need an answer, come first. The
# accepted, unknown and partly assessed parts follow, and then the passes. The parts that do not count are last.
BAR_ORDERS: Final[dict[str, tuple[str, ...]]] = {
    "verdict": ("fail", "manual", "unknown", "pass", "not_applicable"),
    "state": (
        "open", "not_met", "lapsed", "manual", "acknowledged", "excepted", "unknown",
        "attested", "resolved", "passing", "not_applicable", "gone",
    ),
    "result": (
        "failed", "unanswered", "excepted", "unknown", "partly",
        "attested", "met", "not_applicable", "not_assessed", "not_covered",
    ),
}  # fmt: skip
VOCABULARIES: Final[dict[str, dict[str, Mark]]] = {
    "verdict": VERDICTS,
    "severity": SEVERITIES,
    "state": STATES,
    "run": RUNS,
    "exception": EXCEPTIONS,
    "answer": ANSWERS,
    "delivery": DELIVERIES,
    "review": REVIEWS,
    "result": RESULTS,
    "coverage": COVERAGES,
    "bar": BAR_PARTS,
    "fix": FIX_PARTS,
}


def mark(kind: str, key: str) -> Mark:
    """Return the label, icon and colour role of a word. Raise KeyError if the vocabulary `kind` has no word `key`."""
    found = VOCABULARIES[kind].get(key)
    if found is None:
        raise KeyError(
            f"no {kind} {key!r} in portal.web.components.vocabulary; add it there with a shape and a label"
        )
    return found


def verdict_label(key: str) -> str:
    """Return the label of a verdict before or after a change. An empty key means that the finding was new."""
    found = VERDICTS.get(key)
    return found.label if found else key.capitalize() or "New"
