"""defender-no-open-recommendations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, References, judgements, unknown_from
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.defender import ASSESSMENTS_METADATA, SECURITY_ASSESSMENTS
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View

_ORDER = ("low", "medium", "high", "critical")


@judgements(
    needs=(SECURITY_ASSESSMENTS, ASSESSMENTS_METADATA),
    problem="Overdue security recommendation",
    severity=Severity.MEDIUM,
    expected="no recommendation of min_severity or above is unhealthy for longer than grace_days",
    subject_type="Microsoft.Security/assessments",
    empty_reason="no recommendation",
    references=References(mcsb="PV-6", nist="RA-5 SI-2"),
    parameters=(
        Parameter("min_severity", "High", "Least severity that counts", choices=("Low", "Medium", "High")),
        Parameter("grace_days", 30, "Days that a recommendation may stay open", minimum=0),
    ),
)
def no_open_recommendations(ctx: Context) -> Iterator[Judgement]:
    """No active security recommendation left unhandled.

    Judged: Defender's recommendations, each once however many resources it concerns: it fails where
    its severity is `min_severity` or above and a resource has been unhealthy for over `grace_days`.
    Exempted and switched-off ones come back as not applicable. An empty answer is unknown, since
    Defender always has something to say of a subscription that it watches.
    Why: these are weaknesses that are already known, to an attacker perhaps as well.
    Fix: resolve the recommendation, or exempt it with a reason; set an owner by a governance rule.
    """
    documents, gaps = ctx.partial(SECURITY_ASSESSMENTS)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    elif not documents:
        text = "Defender gave no recommendation at all; perhaps it does not watch this subscription"
        yield Judgement(ctx.scope_id, unknown(text, Reason.UNDECIDED))
    kinds: dict[str, list[View]] = {}
    clean = True
    for document in documents:
        kinds.setdefault(document.name.casefold(), []).append(document)
    for name in sorted(kinds):
        verdict, evidence = _judge(name, kinds[name], ctx)
        if verdict is not None:
            clean = False
            subject = f"{ctx.scope_id}/providers/Microsoft.Security/assessments/{name}"
            yield Judgement(subject, verdict, evidence)
    if clean and documents and not gaps:
        yield Judgement(
            ctx.scope_id, passed("no recommendation has been open for too long", kinds=len(kinds))
        )


def _judge(name: str, documents: list[View], ctx: Context) -> tuple[Verdict | None, tuple[View, ...]]:
    """The verdict on one recommendation over its resources; None where nothing is wrong."""
    overdue: list[View] = []
    unread: Unreadable | None = None
    for document in documents:
        try:
            if _overdue(document, ctx):
                overdue.append(document)
        except Unreadable as error:
            unread = unread or error
    if not overdue:
        return (unknown_from(unread), ()) if unread else (None, ())
    evidence = tuple(overdue[:20])
    title = overdue[0].text("properties.displayName", default=name)
    observed: dict[str, Any] = {"recommendation": title, "resources": len(overdue)}
    try:
        severity, metadata = _severity(name, overdue[0], ctx)
    except CollectionUnavailable as error:
        return replace(unknown_from(error), observed=observed), evidence
    except Unreadable as error:
        return unknown_from(error), evidence
    if metadata is not None:
        evidence += (metadata,)
    if _ORDER.index(severity) < _ORDER.index(str(ctx.params["min_severity"]).casefold()):
        return None, ()
    text = f"open for over {ctx.params['grace_days']} days on {len(overdue)} resources: {title}"
    return failed(text, severity=severity, **observed), evidence


def _overdue(document: View, ctx: Context) -> bool:
    status = document.object("properties.status")
    if status.text("code").casefold() != "unhealthy":
        return False
    changed = status.has("statusChangeDate")
    since = status.time("statusChangeDate" if changed else "firstEvaluationDate")
    return ctx.now - since > timedelta(days=float(ctx.params["grace_days"]))


def _severity(name: str, document: View, ctx: Context) -> tuple[str, View | None]:
    """(severity in lower case, the metadata it comes from)."""
    own = document.object("properties.metadata", default={})
    if own.has("severity"):
        severity, source = own.text("severity").casefold(), None
    else:
        source = _metadata(name, ctx)
        if source is None:
            raise document.unreadable("properties.metadata.severity", "absent")
        severity = source.text("properties.severity").casefold()
    if severity not in _ORDER:
        raise document.unreadable("properties.metadata.severity", f"not a known severity ({severity})")
    return severity, source


def _metadata(name: str, ctx: Context) -> View | None:
    by_name = ctx.memo(
        "recommendation metadata",
        lambda: {fold(view.name): view for view in ctx.estate.documents(ASSESSMENTS_METADATA.name)},
    )
    found = by_name.get(name)
    if found is None:
        ctx.require_complete(ASSESSMENTS_METADATA)
        return None
    return found.bound(ctx.trace)
