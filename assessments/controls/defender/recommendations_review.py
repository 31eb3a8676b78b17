"""defender-recommendations-review."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Answer, References, per_scope
from assessments.controls.verdict import Severity, Verdict, manual
from assessments.estate.collections.defender import SECURE_SCORES, SECURITY_ASSESSMENTS
from assessments.estate.view import Unreadable


@per_scope(
    needs=(SECURITY_ASSESSMENTS, SECURE_SCORES),
    problem="Security recommendations not reviewed",
    severity=Severity.LOW,
    expected="an attestation, every 30 days, that the recommendations were reviewed",
    references=References(mcsb="PV-6*", nist="CA-7* RA-5*"),
    is_manual=True,
    answer=Answer(days=30),
)
def recommendations_review(ctx: Context) -> Verdict:
    """Recommendations reviewed regularly.

    Judged: a person attests every 30 days that the recommendations were looked through; the number of
    open ones and the secure score are shown beside it.
    Why: a recommendation that nobody reads protects nothing.
    Fix: Defender for Cloud > Recommendations; az security assessment list
    """
    remarks = []
    kinds, unreadable = set(), 0
    # Tens of thousands of them are counted here; none of them is evidence.
    for assessment in ctx.estate.documents(SECURITY_ASSESSMENTS.name):
        try:
            if assessment.text("properties.status.code").casefold() == "unhealthy":
                kinds.add(assessment.name.casefold())
        except Unreadable:
            unreadable += 1
    gap = ctx.first_gap(SECURITY_ASSESSMENTS)
    if gap:
        remarks.append(gap.sentence())
    if unreadable:
        remarks.append(f"{unreadable} recommendations have no readable status")
    scores = {}
    documents, gaps = ctx.partial(SECURE_SCORES)
    for document in documents:
        try:
            scores[document.name] = document.number("properties.score.percentage")
        except Unreadable as error:
            remarks.append(str(error))
    if gaps:
        remarks.append(gaps[0].sentence())
    # A part of the list says nothing of how many there are.
    count = None if gap else len(kinds)
    which = "open" if count is None else f"{count} open"
    text = f"a person must attest that the {which} recommendations were reviewed"
    return manual(text, remarks=remarks, open=count, secureScore=scores)
