"""The control defender-recommendations-review: Security recommendations are reviewed regularly."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.references import References
from assessments.controls.shared.vm_assessments import STATUS_CODES
from assessments.controls.verdict import Severity, Verdict, manual
from assessments.estate.collections.defender import SECURE_SCORES, SECURITY_ASSESSMENTS
from assessments.estate.gap_texts import could_not_read, describe_gap
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Fix, command

FIX = Fix(
    command(
        "az security assessment list --subscription {subscription}"
        " --query \"[?status.code=='Unhealthy'].displayName\" --output tsv",
        "List and review the open recommendations. Then attest in Surety that they were reviewed.",
    ),
    portal="Azure portal › Microsoft Defender for Cloud › Recommendations",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/review-security-recommendations",
    effects="The command only reads.",
)


@per_scope(
    needs=(SECURITY_ASSESSMENTS, SECURE_SCORES),
    fix=FIX,
    severity=Severity.LOW,
    labels={"open": "Open recommendations"},
    feature=Feature.DEFENDER,
    references=References(mcsb="PV-6*", nist="CA-7* RA-5*"),
    is_manual=True,
    answer=Answer(days=30),
)
def recommendations_review(ctx: Context) -> Verdict:
    """Security recommendations are reviewed regularly.

    Problem: Security recommendations not reviewed
    Expected: An attestation, every 30 days, that the recommendations were reviewed
    Judged: Needs an attestation every 30 days that the recommendations were reviewed. The number of open
    recommendations and the secure score are shown for reference.
    Why: A recommendation that nobody reads protects nothing.
    """
    remarks = []
    open_names, unreadable = set(), 0
    # There may be tens of thousands of recommendations. So they are only counted, and not stored as evidence.
    for assessment in ctx.estate.documents(SECURITY_ASSESSMENTS.name):
        try:
            if assessment.choice("properties.status.code", STATUS_CODES) == "unhealthy":
                open_names.add(assessment.name.casefold())
        except Unreadable:
            unreadable += 1
    gap = ctx.first_gap(SECURITY_ASSESSMENTS)
    if gap:
        remarks.append(could_not_read("Open recommendations", describe_gap(gap)))
    if unreadable:
        remarks.append(f"Recommendations without a readable status: {unreadable}")
    scores = {}
    documents, gaps = ctx.partial(SECURE_SCORES)
    for document in documents:
        try:
            scores[document.name] = document.number("properties.score.percentage")
        except Unreadable as error:
            remarks.append(could_not_read("Secure score", str(error)))
    if gaps:
        reason = describe_gap(gaps[0])
        remarks.append(reason if scores else could_not_read("Secure score", reason))
    # If a part of the list is missing, the number of open recommendations is not known.
    count = None if gap else len(open_names)
    text = "Attest that the open recommendations were reviewed"
    if count is not None:
        text += f" ({count:,} open)"
    return manual(text, remarks=remarks, open=count, secureScore=scores)
