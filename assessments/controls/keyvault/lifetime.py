"""The controls keyvault-rotation (of keys) and keyvault-certificate-validity (at most 12 months)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_subject
from assessments.controls.docstrings import Doc
from assessments.controls.keyvault._items import attributes_of, belongs_to_certificate, by_name, moment
from assessments.controls.keyvault._variables import KEY, VAULT
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.keyvault import (
    CERTIFICATE_POLICY_STATES,
    KEY_VAULT_KEY_POLICIES,
    KEY_VAULT_KEYS,
    KEY_VAULT_SECRETS,
    KEY_VAULTS,
)
from assessments.estate.governance.certificate_policies import months_of
from assessments.estate.ids import fold, parent_of
from assessments.estate.targets import MAX_KEYS, is_enabled
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command

_PORTAL: Final = "Azure portal › Key vaults › {vault} › Objects ›"
_LEARN: Final = "https://learn.microsoft.com/azure/key-vault"
_ACTIONS: Final = frozenset({"rotate", "notify"})
# https://learn.microsoft.com/azure/governance/policy/concepts/compliance-states
_COMPLIANCE: Final = frozenset(
    {"compliant", "noncompliant", "error", "conflict", "protected", "exempt", "unknown", "notstarted"}
)
_MONTHS: Final = 12
# Twelve months of a leap year, and one more day because the validity of a certificate can begin before the certificate
# is issued.
_TWELVE_MONTHS: Final = timedelta(days=367)


def _enabled(item: View, ctx: Context) -> bool:
    return is_enabled(item)


def _rotation(key: View, ctx: Context) -> Verdict:
    vault = parent_of(key.id)
    # The policy of a certificate also renews the certificate's key, so the key needs no rotation policy.
    if belongs_to_certificate(key, by_name(ctx.documents_at(KEY_VAULT_SECRETS, vault))):
        return not_applicable("The key seems to belong to a certificate, whose policy renews it")
    if ctx.estate.answer(KEY_VAULT_KEY_POLICIES.name, key.id) is None and _are_too_many(ctx):
        raise Undecided(
            key.id,
            "properties.rotationPolicy",
            "Surety did not read the rotation policy, because the subscription has too many keys",
        )
    details = ctx.single(KEY_VAULT_KEY_POLICIES, key.id)
    if details is None:
        return not_applicable("The key no longer exists")
    policy = details.object("properties").object("rotationPolicy", default={})
    actions = policy.items("lifetimeActions", default=[])
    triggers = [
        action.object("trigger", default={})
        for action in actions
        if action.object("action").choice("type", _ACTIONS) == "rotate"
    ]
    observed = sorted(action.object("action").text("type").casefold() for action in actions)
    if any(trigger.text("timeAfterCreate", default="") for trigger in triggers):
        return passed("The key rotates automatically", lifetimeActions=observed)
    # Azure sets the expiry time of the policy only on versions that the policy creates. So if the present version has
    # no expiry time, a trigger before the expiry never fires:
    # https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation#key-rotation-policy
    if any(trigger.text("timeBeforeExpiry", default="") for trigger in triggers):
        if moment(attributes_of(key), "exp") is not None:
            return passed("The key rotates automatically", lifetimeActions=observed)
        return failed(
            "The key should rotate before it expires, but it never expires",
            lifetimeActions=observed,
            exp=None,
        )
    if observed:
        return failed(
            "The rotation policy does not rotate the key: it only notifies, or has no trigger",
            lifetimeActions=observed,
        )
    return failed(
        "The key has no rotation policy",
        remarks=[
            (
                "No key of the subscription shows a rotation policy; check the policy in the vault, because Azure may"
                " not show policies that were set there"
            )
        ]
        if _none_shows_a_policy(ctx)
        else [],
        lifetimeActions=[],
    )


def _are_too_many(ctx: Context) -> bool:
    return len(ctx.estate.answers(KEY_VAULT_KEY_POLICIES.name)) >= MAX_KEYS


def _none_shows_a_policy(ctx: Context) -> bool:
    return not any(
        view.raw("properties.rotationPolicy") for view in ctx.estate.documents(KEY_VAULT_KEY_POLICIES.name)
    )


ROTATION = per_subject(
    KEY_VAULT_KEYS,
    needs=(KEY_VAULT_SECRETS, KEY_VAULT_KEY_POLICIES),
    where=_enabled,
    empty_reason="No enabled keys in key vaults",
    slug="keyvault-rotation",
    doc=Doc(
        title="Keys rotate automatically",
        problem="Key without automatic rotation",
        expected="The rotation policy of the key has an action that rotates it",
        judged="`rotationPolicy` of each enabled key. Passes if an action of the type rotate has a trigger; a time"
        " before the expiration counts only if the key has an expiration date (`exp`), because Azure does not rotate it"
        " otherwise. Actions that only notify do not count. Keys that seem to belong to a certificate (a secret has the"
        " same name and the same expiration date) are not applicable, because the certificate's policy renews them."
        f" Imported keys cannot rotate and fail. Surety reads the policies of at most {MAX_KEYS} keys of a"
        " subscription; for further keys, the verdict is unknown.",
        why="The longer a key is used, the more data it protects and the more people and systems could have obtained"
        " it.",
    ),
    fix=Fix(
        command(
            "az keyvault key rotation-policy update --vault-name {vault} --name {key} --value {policy}",
            bodies={
                "policy": {
                    "lifetimeActions": [
                        {"trigger": {"timeAfterCreate": "P18M"}, "action": {"type": "Rotate"}}
                    ],
                    "attributes": {"expiryTime": "P2Y"},
                }
            },
        ),
        portal=f"{_PORTAL} Keys › {{key}} › Rotation policy",
        portal_source=f"{_LEARN}/keys/how-to-configure-key-rotation",
        cost="Azure bills each rotation.",
        effects="Applications and disk encryption sets that name a version of the key must name the newest version"
        " before the named version expires. Those that name no version use the newest version automatically.",
        variables=[VAULT, KEY],
    ),
    severity=Severity.LOW,
    labels={"lifetimeActions": "Actions of the rotation policy"},
    references=References(
        c2="8.8", c3="3.3.8", c4="9.3.9", c5="8.3.9", c6="8.3.9", mcsb2="DP-6", nist="SC-12* IA-5*"
    ),
)(_rotation)


def _by_policy(vault: View, ctx: Context) -> Verdict | None:
    """Return the verdict of Azure Policy on the certificates of a vault, or None if no policy decides. Raise Unreadable
    if a needed property cannot be read.

    The control requires that certificates are valid for at most 12 months. A policy can set another limit, in months.
    If its limit is more than 12 months, compliance with the policy decides nothing. If its limit is less than 12
    months, a violation decides nothing.
    """
    states = ctx.memo("certificate policies", lambda: _states(ctx))
    fulfilled: list[str] = []
    is_unclear = False
    problem: Unreadable | None = None
    # States without the id of a resource are stored under the empty key. They could be about this vault.
    for state in ctx.bind([*states.get(fold(vault.id), []), *states.get("", [])]):
        try:
            properties = state.object("properties")
            properties.text("resourceId")
            compliance = properties.choice("complianceState", _COMPLIANCE)
        except Unreadable as error:
            problem = problem or error
            continue
        months = months_of(state)
        name = properties.text("policyAssignmentName", default="")
        if months is None:
            is_unclear = is_unclear or compliance == "noncompliant"
        elif compliance == "noncompliant" and months >= _MONTHS:
            return failed(
                "Azure Policy found certificates that are valid for longer than 12 months",
                policyAssignment=name,
                months=months,
            )
        elif compliance == "compliant" and months <= _MONTHS:
            fulfilled.append(name)
    if problem is not None:
        raise problem
    # If some states were not read, one of them could say that a certificate of this vault is non-compliant.
    if is_unclear or not fulfilled or ctx.first_gap(CERTIFICATE_POLICY_STATES) is not None:
        return None
    return passed(
        "Azure Policy found no certificate that is valid for longer than 12 months",
        policyAssignment=min(fulfilled),
    )


def _states(ctx: Context) -> dict[str, list[View]]:
    """Return the policy states of each vault, by the vault's case-folded id. States that lack the id of a resource have
    the key "".
    """
    found: dict[str, list[View]] = {}
    for state in ctx.partial(CERTIFICATE_POLICY_STATES)[0]:
        resource = state.raw("properties.resourceId")
        found.setdefault(fold(resource) if isinstance(resource, str) else "", []).append(state)
    return found


def _certificate_validity(vault: View, ctx: Context) -> Verdict:
    if (verdict := _by_policy(vault, ctx)) is not None:
        return verdict
    is_unread = ctx.first_gap(CERTIFICATE_POLICY_STATES) is not None
    keys = ctx.documents_at(KEY_VAULT_KEYS, vault.id)
    secrets = ctx.documents_at(KEY_VAULT_SECRETS, vault.id)
    if not keys and not secrets:
        return not_applicable("The vault has no keys or secrets")
    of_secrets = by_name(secrets)
    certificates = [key for key in keys if is_enabled(key) and belongs_to_certificate(key, of_secrets)]
    if long := sorted(key.name for key in certificates if _is_long(key)):
        return failed(
            "Objects that seem to be certificates are valid for longer than 12 months", certificates=long
        )
    return manual(
        "Attest that the certificates of the vault are valid for at most 12 months",
        remarks=["Could not check what Azure Policy says about certificates"] if is_unread else [],
        certificates=sorted(key.name for key in certificates),
    )


def _is_long(key: View) -> bool:
    begins, expires = (moment(attributes_of(key), name) for name in ("nbf", "exp"))
    return begins is not None and expires is not None and expires - begins > _TWELVE_MONTHS


CERTIFICATE_VALIDITY = per_subject(
    KEY_VAULTS,
    needs=(KEY_VAULT_KEYS, KEY_VAULT_SECRETS),
    optional=(CERTIFICATE_POLICY_STATES,),
    slug="keyvault-certificate-validity",
    doc=Doc(
        title="Certificates are valid for at most 12 months",
        problem="Certificate valid for longer than 12 months",
        expected="No certificate is valid for longer than 12 months, according to Azure Policy or a yearly attestation",
        judged="The state of each key vault under the definition “Certificates should have the specified maximum"
        " validity period” of Azure Policy, if somebody assigned it. A vault passes if it is compliant with a limit of"
        " at most 12 months, and fails if it is non-compliant with a limit of at least 12 months. Only assignments of"
        " the definition itself and of the two versions of Microsoft's benchmark count. If Azure Policy decides"
        " nothing, each key vault with keys or secrets needs an attestation, because Azure Resource Manager does not"
        " list certificates. A key and a secret with the same name and the same expiration date seem to be a"
        " certificate: the finding names them, and the control fails if one of them is valid for more than 12 months"
        " (367 days).",
        why="Anyone who obtains the private key of a certificate can use it until the certificate expires.",
    ),
    fix=Fix(
        advice(
            "Set the validity to 12 months or less, and issue a new version of each certificate in the finding."
        ),
        advice(
            "Assign the definition “Certificates should have the specified maximum validity period” of Azure Policy."
            " Then nobody has to attest the validity of the certificates."
        ),
        portal=f"{_PORTAL} Certificates › the certificate › Issuance Policy › Validity Period",
        portal_source=f"{_LEARN}/certificates/tutorial-rotate-certificates",
        effects="Applications must use the new version of a certificate.",
        variables=[VAULT],
    ),
    severity=Severity.MEDIUM,
    labels={
        "months": "Months for which a certificate may be valid",
        "policyAssignment": "Assignment of the policy",
    },
    references=References(
        c5="8.3.11",
        c6="8.3.11",
        mcsb="DP-7",
        nist="IA-5",
        partly=(
            Partly(
                "c5 c6",
                "Azure Resource Manager does not list certificates, so a person attests their validity, unless Azure"
                " Policy checks it",
            ),
        ),
    ),
    is_manual=True,
    answer=Answer(days=365),
)(_certificate_validity)
