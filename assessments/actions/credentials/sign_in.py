"""Open and cache sessions of service principals, and check credentials for `tenants.azure.credentials`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assessments.actions.credentials.api_versions import SharedVersions
from tenants.azure.credentials import Credential, CredentialResult, DiscoveredSubscription
from tenants.ids import canonical_guid
from tenants.models import ServicePrincipal

if TYPE_CHECKING:
    from assessments.collect.session import Session

# Sessions keep their tokens and connections. The keys of this dict contain the process id, so that forked children
# open new sessions.
_sessions: dict[tuple[int, str], Session] = {}
MAX_SESSIONS = 64
THREADS = 8
# A message names at most this number of skipped subscriptions.
_MAX_SHOWN = 5
MAX_STATE = 40
Kind = ServicePrincipal.Kind


def session_for(credential: Credential) -> Session:
    """Return this process's session for a credential. Raise SignInError for a bad certificate or directory id."""
    # Imported here, because the SDKs need half a second and 100 MB to load, and only workers use them.
    from assessments.collect.http.clouds import endpoints_of
    from assessments.collect.session import Session
    from assessments.collect.sign_in.host_credentials import HostCredential

    plain, found, limit = credential.secret.reveal(), credential.identity, credential.delegated
    key = _key(credential)
    if key not in _sessions:
        if len(_sessions) >= MAX_SESSIONS:
            _sessions.clear()
        _sessions[key] = Session(
            endpoints_of(credential.cloud),
            credential.directory_id,
            credential.client_id,
            secret=plain if credential.kind == Kind.SECRET else "",
            certificate=plain.encode() if credential.kind == Kind.CERTIFICATE else b"",
            identity=HostCredential(found.token_file, found.audience, found.is_user_assigned)
            if found
            else None,
            versions=SharedVersions(),
            delegated_subscription=limit.subscription_id if limit else "",
            home_directory_id=limit.home_directory_id if limit else "",
        )
    return _sessions[key]


def forget_session(credential: Credential) -> None:
    """Remove the cached session of a credential, so that the next request signs in anew.

    A session reuses its token and recent answers. It also remembers that its credential was refused, although the
    credential may work later.
    """
    _sessions.pop(_key(credential), None)


def _key(credential: Credential) -> tuple[int, str]:
    facts = [
        repr(credential.cloud),
        credential.directory_id,
        credential.client_id,
        credential.secret.reveal(),
        repr(credential.identity),
        repr(credential.delegated),
    ]
    return os.getpid(), hashlib.sha256("\0".join(facts).encode()).hexdigest()


def check(credential: Credential) -> CredentialResult:
    """Sign in anew and list the subscriptions. A failure is not raised, but returned as a result."""
    from assessments.collect.failures import EXPECTED, gap_of
    from assessments.collect.session import check_credential
    from assessments.collect.sign_in.refusals import SignInError
    from assessments.estate.collection import Collection

    # A session reuses its token for up to an hour, so it would not notice that Entra now refuses the credential.
    forget_session(credential)
    try:
        documents = check_credential(session_for(credential))
    except SignInError as error:
        forget_session(credential)
        return CredentialResult(error_code=error.code, error=error.message)
    except EXPECTED as error:
        asked = Collection(
            "subscriptions", "/subscriptions", "Microsoft.Resources/subscriptions/read", "Subscriptions"
        )
        gap = gap_of(error, asked, "", "/subscriptions")
        text = (
            f"Could not list the subscriptions: {gap.reason.label}. Check the permissions, then try again."
            if gap
            else "Could not list the subscriptions. Try again later."
        )
        return CredentialResult(error_code=str(gap.reason) if gap else "no_answer", error=text)
    known = [document for document in documents if _has_usable_ids(document)]
    skipped = [document for document in documents if not _has_usable_ids(document)]
    groups = _management_groups(credential, [_guid(document) for document in known])
    lines = [_line(document, groups) for document in known]
    if credential.asks_roles:
        lines = _with_roles(credential, lines)
    return CredentialResult(error=_skipped_text(skipped), subscriptions=tuple(lines))


def _with_roles(credential: Credential, lines: list[DiscoveredSubscription]) -> list[DiscoveredSubscription]:
    """Return the subscriptions. In those that belong to another directory, set `has_role`, which says whether the
    principal has a role on the whole subscription.
    """
    from assessments.collect.principals.effective_permissions import has_role

    session = session_for(credential)
    home = credential.directory_id.casefold()
    foreign = [line for line in lines if line.home_directory_id not in ("", home)]
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="roles") as pool:
        answers = list(pool.map(lambda line: has_role(session, line.subscription_id), foreign))
    found = {line.subscription_id: answer for line, answer in zip(foreign, answers, strict=True)}
    return [replace(line, has_role=found.get(line.subscription_id)) for line in lines]


def _management_groups(credential: Credential, subscriptions: list[str]) -> Mapping[str, Any] | None:
    """Return the management groups above each subscription. Return None if Azure Resource Graph does not answer. In
    this case, the sign-in still succeeds, and the stored management groups stay unchanged.
    """
    from assessments.collect.failures import EXPECTED
    from assessments.collect.session import management_groups
    from assessments.collect.sign_in.refusals import SignInError

    try:
        return management_groups(session_for(credential), subscriptions)
    except (SignInError, *EXPECTED):
        return None


def _guid(document: Mapping[str, Any]) -> str:
    return canonical_guid(document.get("subscriptionId")) or ""


def _has_usable_ids(document: Mapping[str, Any]) -> bool:
    """Return whether the id of the subscription is a GUID and, if Azure states it, the id of the directory is a GUID
    too.
    """
    home = document.get("tenantId")
    return bool(_guid(document)) and (home is None or home == "" or canonical_guid(home) is not None)


def _skipped_text(documents: list[Mapping[str, Any]]) -> str:
    """Return a sentence about the listed subscriptions that cannot be used, or an empty string if there are none."""
    if not documents:
        return ""
    ids = sorted({_shown(document.get("subscriptionId")) for document in documents})
    shown = ", ".join(ids[:_MAX_SHOWN]) + (" and more" if len(ids) > _MAX_SHOWN else "")
    count = f"{len(documents)} subscription{'' if len(documents) == 1 else 's'}"
    return (
        f"Surety skipped {count} whose ID or directory ID is not a GUID: {shown}."
        " Azure itself uses only GUIDs, so check the cloud’s endpoints, and compare the list of subscriptions with"
        " “az account list”."
    )


def _shown(value: object) -> str:
    text = "".join(one if one.isprintable() else "\ufffd" for one in str(value))
    return f"“{text[:40]}”" if isinstance(value, str) and value else "no ID"


def _line(document: Mapping[str, Any], groups: Mapping[str, Any] | None) -> DiscoveredSubscription:
    tags = document.get("tags")
    name, state, home = (document.get(key) for key in ("displayName", "state", "tenantId"))
    policies = document.get("subscriptionPolicies")
    quota = policies.get("quotaId") if isinstance(policies, Mapping) else None
    return DiscoveredSubscription(
        subscription_id=_guid(document),
        display_name=name if isinstance(name, str) and name else _guid(document),
        state=state[:MAX_STATE] if isinstance(state, str) and state else "Enabled",
        home_directory_id=canonical_guid(home) or "",
        quota_id=quota if isinstance(quota, str) else "",
        managed_by=_managing(document.get("managedByTenants")),
        tags={k: v for k, v in tags.items() if isinstance(v, str)} if isinstance(tags, Mapping) else {},
        management_groups=None if groups is None else tuple(groups.get(_guid(document), ())),
    )


def _managing(value: object) -> tuple[str, ...]:
    """Return the directories in `managedByTenants`, which is a list of {"tenantId": GUID}."""
    lines = value if isinstance(value, list) else []
    found = [line.get("tenantId") for line in lines if isinstance(line, Mapping)]
    return tuple(sorted({one.casefold() for one in found if isinstance(one, str)}))
