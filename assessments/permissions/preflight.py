"""Check with few requests which data a service principal can read, and which controls can be judged.

- Listing a type of resources takes one request per subscription. Listing objects of Graph takes one request, for a page
  with one object.
- Child collections, such as the settings of a server, are not read. Instead, one request per subscription reads the
  effective permissions, which say whether the child collections can be read. The effective permissions also say whether
  lists of the subscription are complete: Azure omits resources that the service principal may not read, without an
  error.
- The audit log of Entra takes one request. No control needs it, but it says who changed objects of the directory.
- If a collection declares a cheaper request as its `probe`, the probe is sent instead.
- If a subscription's settings do not export every required category of its activity log, the settings of its
  management groups are read. This needs a role on these groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from assessments.collect.activity.directory_audits import DIRECTORY_AUDITS
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.principals.effective_permissions import (
    EFFECTIVE,
    Permissions,
    ask_permissions,
    is_permitted,
)
from assessments.collect.session import SUBSCRIPTIONS, Session, discover_subscriptions, path_of
from assessments.controls.declare import Control
from assessments.estate.collection import Collection, Source
from assessments.estate.collections.directory import (
    DIRECTORY_ROLE_DEFINITIONS,
    GROUP_MEMBERS,
    SERVICE_PRINCIPALS,
    USERS,
)
from assessments.estate.collections.logging import (
    ACTIVITY_LOG_SETTINGS,
    MANAGEMENT_GROUP_LOG_SETTINGS,
    MANAGEMENT_GROUPS,
)
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from assessments.estate.governance.management_groups import subscription_without_export
from assessments.estate.identity.roles import changes_resources
from assessments.estate.retired import missing_features
from assessments.permissions.grants import (
    AT_MANAGEMENT_GROUPS,
    MANAGEMENT_GROUP,
    SUBSCRIPTION_PLACEHOLDER,
    closure,
    place_of,
)
from assessments.permissions.readiness import ControlReadiness, Missing, NamesReadiness, PreflightReport
from tenants.models import Subscription

NAMES: Mapping[str, Collection] = {
    "users": USERS,
    "groups": GROUP_MEMBERS,
    "applications": SERVICE_PRINCIPALS,
    "directory roles": DIRECTORY_ROLE_DEFINITIONS,
}
"""{kind of objects: collection}. The permission to read the collection also permits reading the names of these objects,
which findings show. If no control needs the collection, the pre-flight requests it only for the names.
"""
THREADS = 8


@dataclass(slots=True)
class _Answer:
    """The result of one request: a gap, effective permissions as (actions, notActions), or the first page of
    documents."""

    gap: Gap | None = None
    permissions: Permissions = ()
    documents: Sequence[Mapping[str, Any]] = ()


def preflight(
    session: Session,
    subscriptions: Iterable[str],
    controls: Sequence[Control],
    *,
    client_id: str,
    cloud: str,
    now: datetime,
    seconds: float | None = None,
) -> PreflightReport:
    """Check what a service principal can read, and return the report. Raise SignInError if the service principal cannot
    sign in.

    `subscriptions` are GUIDs; if empty, all subscriptions that the service principal sees are checked. If the service
    principal sees no subscription, every collection of subscriptions counts as forbidden. If the subscriptions could
    not be listed, these collections have the reason of the failed request. A request that is not answered within
    `seconds` counts as a timeout. Collections of features that the cloud lacks at the time `now` are not requested.
    """
    session.sign_in()
    places = tuple(sorted({guid.casefold() for guid in subscriptions}))
    unlisted: BaseException | None = None
    if not places:
        places, unlisted = _visible(session)
    missing = missing_features(cloud, now)
    wanted = {name: c for control in controls for name, c in closure(control, missing).items()}
    # If the time limit is exceeded, the last requests are not answered. So requests for names come last.
    only_names = [collection for collection in NAMES.values() if collection.name not in wanted]
    questions = [*_questions(wanted.values(), places), *_questions((*only_names, DIRECTORY_AUDITS), ())]
    started = monotonic()
    answers = _answers(session, questions, seconds)
    if MANAGEMENT_GROUP_LOG_SETTINGS.name in wanted:
        for more in (_groups_to_find, _groups_to_ask):
            left = None if seconds is None else max(0.0, seconds - (monotonic() - started))
            further = list(more(questions, answers))
            questions += further
            answers += _answers(session, further, left)
    found: dict[str, list[Missing]] = {}
    if not places:
        arm = [
            c
            for c in wanted.values()
            if c.source is Source.ARM and c.targets is None and not c.is_directory_wide
        ]
        found = {c.name: [_no_subscription(c, unlisted)] for c in arm}
    unchecked = []
    excessive = []
    refused = {
        (collection.name, scope)
        for (collection, scope), answer in zip(questions, answers, strict=True)
        if answer.gap is not None
    }
    for (collection, scope), answer in zip(questions, answers, strict=True):
        if collection is EFFECTIVE:
            # The role Reader permits reading one's own permissions. So a refusal means one of two things: the service
            # principal has no role on the whole subscription, or it has only custom roles without this permission.
            if answer.gap is not None and answer.gap.reason is not Reason.FORBIDDEN:
                unchecked.append(scope.rpartition("/")[2])
                continue
            if action := _excessive_action(answer):
                excessive.append((scope.rpartition("/")[2], action))
            for one in _not_permitted(wanted.values(), answer):
                if (one.name, scope) not in refused:
                    permission = answer.gap.permission if answer.gap is not None else one.permission
                    found.setdefault(one.name, []).append(_not_allowed(one, permission, scope))
        elif answer.gap is not None:
            found.setdefault(collection.name, []).append(_missing(collection, scope, answer.gap))
    rows = tuple(
        ControlReadiness(
            control, tuple(m for name in sorted(closure(control, missing)) for m in found.get(name, ()))
        )
        for control in controls
    )
    return PreflightReport(
        client_id,
        places,
        rows,
        requests=len(questions),
        unchecked=tuple(unchecked),
        names=tuple(_names(what, collection, found) for what, collection in NAMES.items()),
        audit_log=_names("objects of the directory", DIRECTORY_AUDITS, found),
        excessive=tuple(excessive),
    )


def _excessive_action(effective: _Answer) -> str:
    """Return an action with which the principal can change resources or assign roles, or an empty text. If there are
    several such actions, return the action with the fewest parts, which usually permits most.
    """
    changing = [
        action
        for allowed, excluded in effective.permissions
        for action in allowed
        if changes_resources(action, excluded)
    ]
    return min(changing, key=lambda action: action.count("/"), default="")


def _names(what: str, collection: Collection, found: Mapping[str, Sequence[Missing]]) -> NamesReadiness:
    reason = next((missing.reason for missing in found.get(collection.name, ())), None)
    return NamesReadiness(what, collection.permission, reason)


def _answers(
    session: Session, questions: Sequence[tuple[Collection, str]], seconds: float | None
) -> list[_Answer]:
    """Send the requests at the same time, and return the answers in the order of the requests. A request that is not
    answered within `seconds` becomes a gap.
    """
    pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="preflight")
    try:
        futures = [pool.submit(_ask, session, *question) for question in questions]
        wait(futures, timeout=seconds)
        return [
            future.result() if future.done() else _Answer(_timeout(*question))
            for future, question in zip(futures, questions, strict=True)
        ]
    finally:
        # If there is a time limit, do not wait for requests that are still running.
        pool.shutdown(wait=seconds is None, cancel_futures=True)


def _timeout(collection: Collection, scope: str) -> Gap:
    return Gap(collection.name, scope, Reason.TIMEOUT, permission=collection.permission)


def _questions(
    collections: Iterable[Collection], subscriptions: Sequence[str]
) -> Iterator[tuple[Collection, str]]:
    ordered = sorted(collections, key=lambda c: c.name)
    if any(_is_of_subscription(c) for c in ordered):
        # If the time limit is exceeded, the last requests are not answered. So ask for effective permissions first.
        yield from ((EFFECTIVE, f"/subscriptions/{guid}") for guid in subscriptions)
    for collection in ordered:
        if (probe := collection.probe) is not None:
            yield (
                replace(
                    collection,
                    path=probe.path,
                    query=probe.query,
                    after=(),
                    targets=None,
                    absent_is_none=True,
                ),
                "",
            )
        elif collection.targets is not None:
            continue
        elif collection.is_directory_wide:
            # One object shows that the collection can be read. If the query has no $top, do not add it, because Graph
            # may refuse it.
            page_size = {"$top": "1"} if "$top" in collection.query else {}
            yield replace(collection, query={**collection.query, **page_size}), ""
        else:
            yield from ((collection, f"/subscriptions/{guid}") for guid in subscriptions)


def _groups_to_find(
    questions: Sequence[tuple[Collection, str]], answers: Sequence[_Answer]
) -> Iterator[tuple[Collection, str]]:
    """Yield requests for the management groups above a subscription, for each subscription whose own settings do not
    export enough of its activity log.
    """
    for (collection, scope), answer in zip(questions, answers, strict=True):
        if collection.name == ACTIVITY_LOG_SETTINGS.name and answer.gap is None:
            guid = scope.rpartition("/")[2]
            estate = Estate(
                kind=UnitKind.SUBSCRIPTION, unit_id=guid, subscriptions=[guid], now=datetime.now(UTC)
            )
            estate.add_documents(collection.name, scope, answer.documents)
            yield from ((MANAGEMENT_GROUPS, scope) for _ in subscription_without_export(estate))


def _groups_to_ask(
    questions: Sequence[tuple[Collection, str]], answers: Sequence[_Answer]
) -> Iterator[tuple[Collection, str]]:
    """Yield a request for the diagnostic settings of each management group in the answers to `_groups_to_find`."""
    found = {
        name
        for (collection, _), answer in zip(questions, answers, strict=True)
        if collection is MANAGEMENT_GROUPS
        for document in answer.documents
        if isinstance(name := document.get("name"), str) and name
    }
    yield from ((MANAGEMENT_GROUP_LOG_SETTINGS, name) for name in sorted(found))


def _visible(session: Session) -> tuple[tuple[str, ...], BaseException | None]:
    """Return the subscriptions that assessments cover, and None. If the subscriptions could not be listed, return no
    subscriptions, and the error. Then no request about subscriptions is sent, and the report says that all collections
    of subscriptions are missing.
    """
    try:
        documents = discover_subscriptions(session)
    except EXPECTED as error:
        return (), error
    assessed = [document for document in documents if _is_assessed(document, session.directory_id)]
    guids = {document.get("subscriptionId") for document in assessed}
    return tuple(sorted(guid.casefold() for guid in guids if isinstance(guid, str) and guid)), None


def _is_assessed(document: Mapping[str, Any], directory_id: str) -> bool:
    """Return whether assessments cover a subscription. The subscription must belong to the directory, must not be
    deleted, and must be able to contain resources.

    Subscriptions of other directories, which the principal sees through Azure Lighthouse, are not assessed.
    """
    home, policies = document.get("tenantId"), document.get("subscriptionPolicies")
    quota = policies.get("quotaId") if isinstance(policies, Mapping) else None
    if document.get("state") == Subscription.DELETED or quota in Subscription.WITHOUT_RESOURCES:
        return False
    return not isinstance(home, str) or home.casefold() == directory_id.casefold()


def _no_subscription(collection: Collection, unlisted: BaseException | None) -> Missing:
    """Return why a collection cannot be read: no subscription is known. `unlisted` is the error if the subscriptions
    could not be listed, otherwise None.
    """
    gap = gap_of(unlisted, SUBSCRIPTIONS, "", path_of(SUBSCRIPTIONS, "")) if unlisted is not None else None
    if gap is not None and gap.reason is not Reason.FORBIDDEN:
        return Missing(
            collection.name,
            collection.title,
            collection.permission,
            SUBSCRIPTION_PLACEHOLDER,
            gap.reason,
            describe_gap(gap),
        )
    return Missing(
        collection.name,
        collection.title,
        collection.permission,
        SUBSCRIPTION_PLACEHOLDER,
        Reason.FORBIDDEN,
        "The service principal cannot see any subscription",
    )


def _is_of_subscription(collection: Collection) -> bool:
    """Return whether a role on the subscription is enough to read the collection. It is not enough for collections of
    Microsoft Graph, and for collections that need a role on a management group or at another scope above subscriptions.
    """
    return collection.source is Source.ARM and not place_of(collection.name)


def _not_permitted(collections: Iterable[Collection], effective: _Answer) -> Iterator[Collection]:
    """Yield the collections of a subscription that cannot be read completely with the effective permissions."""
    for collection in collections:
        if _is_of_subscription(collection) and not is_permitted(collection, effective.permissions):
            yield collection


def _not_allowed(collection: Collection, permission: str, scope: str) -> Missing:
    guid = scope.rpartition("/")[2]
    text = f"Missing permission {permission}"
    return Missing(collection.name, collection.title, permission, guid, Reason.FORBIDDEN, text)


def _ask(session: Session, collection: Collection, scope: str) -> _Answer:
    if collection is EFFECTIVE:
        permissions, gap = ask_permissions(session, scope)
        return _Answer(gap, permissions)
    try:
        page = next(session.pages(collection, scope), None)
    except EXPECTED as error:
        return _Answer(gap_of(error, collection, scope, path_of(collection, scope)))
    return _Answer(documents=page or ())


def _missing(collection: Collection, scope: str, gap: Gap) -> Missing:
    place = scope.rpartition("/")[2]
    if collection.name in AT_MANAGEMENT_GROUPS:
        place = f"{MANAGEMENT_GROUP} {scope}"
    return Missing(
        collection.name, collection.title, collection.permission, place, gap.reason, describe_gap(gap)
    )
