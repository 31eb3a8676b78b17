"""The controls keyvault-key-expiry and keyvault-secret-expiry for vaults with access policies, and
keyvault-key-expiry-rbac and keyvault-secret-expiry-rbac for vaults with Azure roles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Control, Parameter, judge, judgements, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.keyvault._items import attributes_of, belongs_to_certificate, by_name, moment
from assessments.controls.keyvault._variables import KEY, SECRET, VAULT
from assessments.controls.references import References
from assessments.controls.settings import Remark, with_remarks
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collection import Collection
from assessments.estate.collections.keyvault import KEY_VAULT_KEYS, KEY_VAULT_SECRETS, KEY_VAULTS
from assessments.estate.ids import parent_of
from assessments.estate.targets import is_enabled
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

_PORTAL: Final = "Azure portal › Key vaults › {vault} › Objects ›"
_LEARN: Final = "https://learn.microsoft.com/azure/key-vault"
_EXPIRES: Final = Variable("expires", "End of the validity, in UTC", "2027-11-28T00:00:00Z")
MAX_DAYS: Final = Parameter(
    "max_days",
    0,
    "Longest validity in days, from creation to expiration (0: any validity)",
    label="Longest validity (days)",
    minimum=0,
)


def _has_expired(item: View, ctx: Context) -> bool:
    expires = moment(attributes_of(item), "exp")
    return expires is not None and expires < ctx.now


def _of_certificate(other: Collection) -> Callable[[View, Context], bool]:
    """Return a function that tells whether a key or secret seems to belong to a certificate. `other` is the collection
    to compare with: the secrets for a key, the keys for a secret.
    """

    def of_certificate(item: View, ctx: Context) -> bool:
        vault = parent_of(item.id)
        others = ctx.memo((other.name, vault), lambda: by_name(ctx.partial_at(other, vault)[0]))
        try:
            return belongs_to_certificate(item, others)
        except Unreadable:
            return False

    return of_certificate


@dataclass(frozen=True, slots=True)
class _Kind:
    """The collections, verdicts and remarks of either keys or secrets.

    `collection` contains the items to judge. `other` contains the secrets if keys are judged, and the keys if secrets
    are judged. A remark compares both, because a certificate of a key vault has both a key and a secret.
    """

    collection: Collection
    other: Collection
    none: Verdict
    endless: Verdict
    too_long: Verdict
    limited: Verdict
    remarks: tuple[Remark, ...]


_KEYS: Final = _Kind(
    KEY_VAULT_KEYS,
    KEY_VAULT_SECRETS,
    none=not_applicable("The vault has no enabled key"),
    endless=failed("The key never expires"),
    too_long=failed("The key is valid for longer than allowed"),
    limited=passed("The key expires"),
    remarks=(
        Remark("The key has expired, but is still enabled", _has_expired),
        Remark(
            "The key seems to belong to a certificate of the same name", _of_certificate(KEY_VAULT_SECRETS)
        ),
    ),
)
_SECRETS: Final = _Kind(
    KEY_VAULT_SECRETS,
    KEY_VAULT_KEYS,
    none=not_applicable("The vault has no enabled secret"),
    endless=failed("The secret never expires"),
    too_long=failed("The secret is valid for longer than allowed"),
    limited=passed("The secret expires"),
    remarks=(
        Remark("The secret has expired, but is still enabled", _has_expired),
        Remark(
            "The secret seems to belong to a certificate of the same name", _of_certificate(KEY_VAULT_KEYS)
        ),
    ),
)


def _judge(kind: _Kind, roles: bool, ctx: Context) -> Iterator[Judgement]:
    vaults, gaps = ctx.partial(KEY_VAULTS)
    for vault in vaults:
        yield from _judge_vault(kind, roles, vault, ctx)
    for gap in gaps[:1]:
        yield judge(ctx, ctx.scope_id, partial(_raise, CollectionUnavailable(gap)))


def _raise(error: CollectionUnavailable) -> Verdict:
    raise error


def _judge_vault(kind: _Kind, roles: bool, vault: View, ctx: Context) -> Iterator[Judgement]:
    """Yield a judgement for each enabled key or secret of the vault. Yield a judgement for the vault itself if the
    control does not apply, if keys or secrets could not be read, or if no key or secret is enabled.
    """
    about = judge(ctx, vault.id or ctx.scope_id, partial(_vault_applies, roles, vault, ctx))
    if about.verdict is not _APPLIES:
        yield about
        return
    items, gap = ctx.partial_at(kind.collection, vault.id)
    enabled = [item for item in items if is_enabled(item)]
    for item in enabled:
        yield judge(ctx, item.id or vault.id, partial(_judge_item, kind, item, ctx))
    if gap is not None:
        yield Judgement(vault.id, unknown_from(CollectionUnavailable(gap)))
    elif not enabled:
        yield judge(ctx, vault.id, partial(_none, kind, vault, ctx))


# The result of `_vault_applies` if the control applies to the vault. It is never the verdict of a finding.
_APPLIES: Final = Verdict(Outcome.PASS, "")


def _vault_applies(roles: bool, vault: View, ctx: Context) -> Verdict:
    if not vault.id:
        raise vault.unreadable("id", "absent")
    setting = vault.bound(ctx.trace).flag("properties.enableRbacAuthorization", default=False)
    if setting is roles:
        return _APPLIES
    if setting:
        return not_applicable(
            "Azure roles grant access to the vault; the control is for vaults with access policies",
            enableRbacAuthorization=True,
        )
    return not_applicable(
        "Access policies grant access to the vault; the control is for vaults with Azure roles",
        enableRbacAuthorization=False,
    )


def _none(kind: _Kind, vault: View, ctx: Context) -> Verdict:
    ctx.documents_at(kind.collection, vault.id)
    return kind.none


def _judge_item(kind: _Kind, item: View, ctx: Context) -> Verdict:
    view = item.bound(ctx.trace)
    if not view.id:
        raise view.unreadable("id", "absent")
    attributes = attributes_of(view)
    # The caller has already skipped disabled items. Read the property again, so that it is in the evidence on the item.
    attributes.flag("enabled", default=True)
    expires = moment(attributes, "exp")
    if expires is None:
        return replace(kind.endless, observed={"exp": None})
    observed = {"exp": expires.isoformat()}
    if longest := ctx.params[MAX_DAYS.name]:
        created = moment(attributes, "created")
        if created is None:
            raise attributes.unreadable("created", "absent")
        if expires - created > timedelta(days=longest):
            return replace(kind.too_long, observed=observed)
    return with_remarks(replace(kind.limited, observed=observed), kind.remarks, view, ctx)


def _declare(kind: _Kind, roles: bool, slug: str, doc: Doc, fix: Fix, references: References) -> Control:
    def rule(ctx: Context) -> Iterator[Judgement]:
        return _judge(kind, roles, ctx)

    rule.__module__ = __name__
    return judgements(
        needs=(KEY_VAULTS, kind.collection),
        optional=(kind.other,),
        subject_type=kind.collection.resource_type,
        empty_reason="No key vaults",
        slug=slug,
        doc=doc,
        fix=fix,
        severity=Severity.MEDIUM,
        parameters=(MAX_DAYS,),
        references=references,
    )(rule)


_JUDGED: Final = (
    " Passes if `exp` is set. Disabled objects are not judged. Only the current version is judged: older versions"
    " stay usable, but Azure does not list them. An expired object passes with a remark if it is still enabled. With"
    " `max_days`, the time from creation to expiration is limited."
)
_KEY_FIX: Final = Fix(
    command("az keyvault key set-attributes --vault-name {vault} --name {key} --expires {expires}"),
    advice("Let the key rotate automatically, so that a new version replaces it before it expires."),
    portal=f"{_PORTAL} Keys › {{key}} › the current version › Set expiration date",
    portal_source=f"{_LEARN}/keys/quick-create-portal",
    # Source for the shutdown of machines:
    # https://learn.microsoft.com/azure/virtual-machines/disk-encryption#full-control-of-your-keys
    effects="After this date, Key Vault refuses to encrypt, wrap and sign with the key. It still decrypts, unwraps and"
    " verifies. But services of Azure may refuse an expired key. For example, virtual machines shut down if the key"
    " encrypts their managed disks.",
    variables=[VAULT, KEY, _EXPIRES],
)
_SECRET_FIX: Final = Fix(
    command("az keyvault secret set-attributes --vault-name {vault} --name {secret} --expires {expires}"),
    advice("Replace the secret, with a new version, before it expires."),
    portal=f"{_PORTAL} Secrets › {{secret}} › the current version › Set expiration date",
    portal_source=f"{_LEARN}/secrets/quick-create-portal",
    effects="After this date, Key Vault still returns the secret. Only programs that check the date refuse it.",
    variables=[VAULT, SECRET, _EXPIRES],
)
_WHY_KEYS: Final = "A key that never expires is rarely replaced. Anyone who obtained it can use it forever."
_WHY_SECRETS: Final = (
    "A secret that never expires is rarely replaced. Anyone who obtained it can use it forever."
)

CONTROLS = (
    _declare(
        _KEYS,
        True,
        "keyvault-key-expiry-rbac",
        Doc(
            "Keys in vaults with Azure roles have an expiration date",
            "Key without an expiration date, in a vault with Azure roles",
            "The key has an expiration date",
            f"`attributes` of each key in vaults whose `enableRbacAuthorization` is true.{_JUDGED}",
            _WHY_KEYS,
        ),
        _KEY_FIX,
        References(c2="8.1", c3="3.3.1", c4="9.3.1", c5="8.3.1", c6="8.3.1", mcsb="DP-6", nist="IA-5"),
    ),
    _declare(
        _KEYS,
        False,
        "keyvault-key-expiry",
        Doc(
            "Keys in vaults with access policies have an expiration date",
            "Key without an expiration date, in a vault with access policies",
            "The key has an expiration date",
            f"`attributes` of each key in vaults whose `enableRbacAuthorization` is false or absent.{_JUDGED}",
            _WHY_KEYS,
        ),
        _KEY_FIX,
        References(c2="8.2", c3="3.3.2", c4="9.3.2", c5="8.3.2", c6="8.3.2", mcsb="DP-6", nist="IA-5"),
    ),
    _declare(
        _SECRETS,
        True,
        "keyvault-secret-expiry-rbac",
        Doc(
            "Secrets in vaults with Azure roles have an expiration date",
            "Secret without an expiration date, in a vault with Azure roles",
            "The secret has an expiration date",
            f"`attributes` of each secret in vaults whose `enableRbacAuthorization` is true.{_JUDGED}",
            _WHY_SECRETS,
        ),
        _SECRET_FIX,
        References(c2="8.3", c3="3.3.3", c4="9.3.3", c5="8.3.3", c6="8.3.3", mcsb="DP-6", nist="IA-5"),
    ),
    _declare(
        _SECRETS,
        False,
        "keyvault-secret-expiry",
        Doc(
            "Secrets in vaults with access policies have an expiration date",
            "Secret without an expiration date, in a vault with access policies",
            "The secret has an expiration date",
            f"`attributes` of each secret in vaults whose `enableRbacAuthorization` is false or absent.{_JUDGED}",
            _WHY_SECRETS,
        ),
        _SECRET_FIX,
        References(c2="8.4", c3="3.3.4", c4="9.3.4", c5="8.3.4", c6="8.3.4", mcsb="DP-6", nist="IA-5"),
    ),
)
