"""The control identity-app-cred-expiry: Secrets and certificates of applications expire in time.

Source: https://learn.microsoft.com/graph/api/resources/passwordcredential and
https://learn.microsoft.com/graph/api/resources/keycredential
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judge, judgements, unknown_from
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.directory import APPLICATIONS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_LISTS = {"passwordCredentials": "secret", "keyCredentials": "certificate"}


def _each(facts: Facts, kind: str) -> list[dict[str, str]]:
    return [
        {"key_id": str(row.get("id", ""))} for row in facts.rows("credentials") if row.get("kind") == kind
    ]


def _has(kind: str) -> Callable[[Facts], bool]:
    return lambda facts: bool(_each(facts, kind))


_FIX = Fix(
    command(
        "az ad app credential reset --id {application} --append --years 1",
        "If the application still needs a secret, create a new one, and let the application use it.",
        when=_has("secret"),
    ),
    command(
        "az ad app credential delete --id {application} --key-id {key_id}",
        "Then delete the secret.",
        when=_has("secret"),
        each=lambda facts: _each(facts, "secret"),
    ),
    advice(
        "If the application still needs a certificate, upload a new one in the portal, and let the application use it.",
        when=_has("certificate"),
    ),
    command(
        "az ad app credential delete --id {application} --key-id {key_id} --cert",
        "Then delete the certificate.",
        when=_has("certificate"),
        each=lambda facts: _each(facts, "certificate"),
    ),
    portal="Entra admin center › Entra ID › App registrations › the application › Certificates & secrets",
    portal_source="https://learn.microsoft.com/entra/identity-platform/how-to-add-credentials",
    effects="Programs that still use the deleted secret or certificate can no longer sign in.",
    variables=[
        Variable(
            "application",
            "Object id of the application",
            EXAMPLE_GUID,
            "the application",
            lambda facts: facts.segment("applications"),
        ),
        Variable("key_id", "Id of the secret or certificate", EXAMPLE_GUID),
    ],
)


@judgements(
    needs=(APPLICATIONS,),
    subject_type="Entra application",
    empty_reason="No app registrations",
    severity=Severity.MEDIUM,
    labels={"credentials": "Secrets and certificates"},
    references=References(mcsb="IM-3*", nist="IA-5* SC-12*"),
    fix=_FIX,
    parameters=(
        Parameter(
            "warn_days",
            30,
            "A secret or certificate fails if it expires within this number of days",
            label="Days before the end",
            minimum=0,
        ),
        Parameter(
            "max_lifetime_days",
            730,
            "Maximum days between start and end of a secret or certificate",
            label="Maximum lifetime (days)",
            minimum=1,
        ),
    ),
)
def app_cred_expiry(ctx: Context) -> Iterator[Judgement]:
    """Secrets and certificates of applications expire in time.

    Problem: Application with an expired or very long-lived secret or certificate
    Expected: Each secret or certificate ends in more than {warn_days:days}, and is valid for at most
    {max_lifetime_days:days}
    Judged: The secrets and certificates of each app registration. An application fails if one of them has ended, ends
    within `warn_days` days, has no end, or is valid for more than `max_lifetime_days` days. Federated credentials do
    not expire. Certificates and secrets of service principals, such as those for SAML, are not read.
    Why: An application stops working when its secret ends, and a secret that never ends can be misused for years.
    """
    applications, gaps = ctx.partial(APPLICATIONS)
    for view in applications:
        if not view.id:
            yield Judgement(ctx.scope_id, unknown_from(view.unreadable("id", "absent")))
            continue
        yield judge(ctx, f"{ctx.scope_id}/applications/{view.id}", partial(_judge, view, ctx))
    ctx.fresh_trace()
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))


def _judge(application: View, ctx: Context) -> Verdict:
    view = application.bound(ctx.trace)
    bad: list[dict[str, Any]] = []
    count = 0
    for name, kind in _LISTS.items():
        for credential in view.items(name):
            count += 1
            if why := _problem(credential, ctx):
                bad.append({"id": credential.text("keyId"), "kind": kind, "problem": why})
    if not count:
        return not_applicable("The application has no secrets or certificates")
    if not bad:
        return passed(
            "No secret or certificate has ended, ends soon, or is valid for too long", credentials=[]
        )
    bad.sort(key=lambda row: (row["kind"], row["id"]))
    return failed("A secret or certificate has ended, ends soon, or is valid for too long", credentials=bad)


def _problem(credential: View, ctx: Context) -> str:
    """Return the reason why a credential fails, or an empty text if it passes. Raise Unreadable if the start date is
    missing, or if a date is invalid.
    """
    if not credential.has("endDateTime"):
        return "without an end"
    end = credential.time("endDateTime")
    if end <= ctx.now:
        return "ended"
    if end - ctx.now <= timedelta(days=float(ctx.params["warn_days"])):
        return "ends soon"
    lifetime = end - credential.time("startDateTime")
    return (
        "valid for too long" if lifetime > timedelta(days=float(ctx.params["max_lifetime_days"]) + 1) else ""
    )
