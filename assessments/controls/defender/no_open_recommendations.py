"""The control defender-no-open-recommendations: No security recommendation stays open for too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judgements, unknown_from
from assessments.controls.references import References
from assessments.controls.shared.vm_assessments import STATUS_CODES
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.defender import (
    ASSESSMENTS_METADATA,
    SECURITY_ASSESSMENTS,
    SOFTWARE_UPDATES,
)
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.quantities import in_days
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

_SEVERITIES = ("low", "medium", "high", "critical")


FIX = Fix(
    advice(
        "Resolve the recommendation, or exempt it and state the reason. Assign an owner with a governance rule."
    ),
    portal="Azure portal › Microsoft Defender for Cloud › Recommendations › the recommendation",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/review-security-recommendations",
    effects="An exemption removes the recommendation from the secure score.",
)


@judgements(
    needs=(SECURITY_ASSESSMENTS, ASSESSMENTS_METADATA),
    optional=(SOFTWARE_UPDATES,),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"kinds": "Kinds of recommendations"},
    feature=Feature.DEFENDER,
    subject_type="Microsoft.Security/assessments",
    empty_reason="No recommendation",
    references=References(mcsb="PV-6", nist="RA-5 SI-2"),
    parameters=(
        Parameter(
            "min_severity",
            "High",
            "Lowest severity that counts",
            label="Lowest severity that counts",
            choices=("Low", "Medium", "High"),
        ),
        Parameter(
            "grace_days",
            30,
            "Maximum number of days that a recommendation may be open",
            label="Maximum days open",
            minimum=0,
        ),
    ),
)
def no_open_recommendations(ctx: Context) -> Iterator[Judgement]:
    """No security recommendation stays open for too long.

    Problem: Overdue security recommendation
    Expected: No recommendation of severity {min_severity} or higher is open for more than {grace_days:days}
    Judged: Each recommendation of Defender for Cloud once, however many resources it affects. Fails if the
    recommendation has a severity of `min_severity` or higher for at least one resource that has been unhealthy for more
    than `grace_days` days. If Azure does not state since when a resource has been unhealthy, this time counts as too
    long.

    Defender reports exempted and disabled recommendations as not applicable, so they do not count.

    If Defender returns no recommendation at all, the result is unknown, because Defender always returns recommendations
    for a subscription that it monitors. Monitoring needs the free plan Foundational CSPM. In subscriptions created
    since 27 October 2026, the plan is off until somebody enables it.
    Why: Recommendations describe known weaknesses, and attackers may know them too.
    """
    documents, gaps = ctx.partial(SECURITY_ASSESSMENTS)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    elif not documents:
        text = "Defender returned no recommendation; check that it monitors this subscription"
        yield Judgement(ctx.scope_id, unknown(text, Reason.UNDECIDED))
    by_name: dict[str, list[View]] = {}
    all_passed = True
    for document in documents:
        by_name.setdefault(document.name.casefold(), []).append(document)
    for name in sorted(by_name):
        verdict, evidence = _judge_recommendation(name, by_name[name], ctx)
        if verdict is not None:
            all_passed = False
            subject = f"{ctx.scope_id}/providers/Microsoft.Security/assessments/{name}"
            yield Judgement(subject, verdict, evidence)
    if all_passed and documents and not gaps:
        yield Judgement(
            ctx.scope_id, passed("No recommendation has been open longer than allowed", kinds=len(by_name))
        )


def _judge_recommendation(
    name: str, documents: list[View], ctx: Context
) -> tuple[Verdict | None, tuple[View, ...]]:
    """Judge one recommendation by its results on all resources. Return the verdict and its evidence. The verdict is
    None if the recommendation neither fails nor is unknown.
    """
    overdue: list[View] = []
    metadata: dict[str, View] = {}
    severest = 0
    first_error: CollectionUnavailable | Unreadable | None = None
    lowest = _SEVERITIES.index(str(ctx.params["min_severity"]).casefold())
    for document in documents:
        try:
            if not _is_overdue(document, ctx):
                continue
            # A recommendation can have a different severity for each resource, because Microsoft rates the
            # recommendation for each resource separately.
            severity, source = _severity(name, document, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
            continue
        if _SEVERITIES.index(severity) >= lowest:
            overdue.append(document)
            severest = max(severest, _SEVERITIES.index(severity))
            if source is not None:
                metadata[source.key] = source
    if not overdue:
        return _undecided(name, documents, first_error, ctx)
    evidence = (*overdue[:20], *list(metadata.values())[:20])
    title = overdue[0].text("properties.displayName", default=name)
    observed: dict[str, Any] = {"recommendation": title, "resources": len(overdue)}
    undated = sum(_open_since(document.object("properties.status")) is None for document in overdue)
    remarks = (
        [f"Resources for which Azure does not state since when the recommendation is open: {undated}"]
        if undated
        else []
    )
    limit = in_days(ctx.params["grace_days"])
    text = f"Open for more than {limit}: {title} (affected resources: {len(overdue):,})"
    return failed(text, remarks=remarks, severity=_SEVERITIES[severest], **observed), evidence


def _undecided(
    name: str, documents: list[View], error: CollectionUnavailable | Unreadable | None, ctx: Context
) -> tuple[Verdict | None, tuple[View, ...]]:
    """Return (None, ()) if `error` is None. Otherwise a result of the recommendation could not be read: return an
    unknown verdict and its evidence.

    `documents` are the recommendation's results on all resources.
    """
    if error is None:
        return None, ()
    if isinstance(error, Unreadable):
        return unknown_from(error), ()
    title = documents[0].text("properties.displayName", default=name)
    return replace(unknown_from(error), observed={"recommendation": title}), tuple(documents[:20])


def _is_overdue(document: View, ctx: Context) -> bool:
    status = document.object("properties.status")
    if status.choice("code", STATUS_CODES) != "unhealthy":
        return False
    since = _open_since(status)
    if since is None:
        return True
    return ctx.now - since > timedelta(days=float(ctx.params["grace_days"]))


def _open_since(status: View) -> datetime | None:
    """Return the time since which a recommendation has been open. Return None if Azure states neither
    `statusChangeDate` nor `firstEvaluationDate`; both are optional.

    Source: https://learn.microsoft.com/rest/api/defenderforcloud/assessments/list
    """
    for key in ("statusChangeDate", "firstEvaluationDate"):
        if status.has(key):
            return status.time(key)
    return None


def _severity(name: str, document: View, ctx: Context) -> tuple[str, View | None]:
    """Return two values: the severity of the recommendation `document`, in lower case, and the document from which the
    severity was read. The second value is None if `document` itself states the severity.
    """
    embedded = document.object("properties.metadata", default={})
    if embedded.has("severity"):
        severity, source = embedded.text("severity").casefold(), None
    else:
        # For a recommendation about a single change, such as one update of software, only Resource Graph states the
        # severity.
        source = ctx.find(SOFTWARE_UPDATES, document.id)
        if source is not None and source.has("properties.metadata.severity"):
            severity = source.text("properties.metadata.severity").casefold()
        elif (source := _metadata(name, ctx)) is not None:
            severity = source.text("properties.severity").casefold()
        else:
            raise document.unreadable("properties.metadata.severity", "absent")
    if severity not in _SEVERITIES:
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
