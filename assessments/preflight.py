"""Pre-flight: asks cheaply what a service principal may read, and says which controls that leaves judged.

One request for each top-level collection and subscription, a page of one for Graph where it pages. What hangs on
other answers (a server's settings, an account's containers) is not asked for each parent: one request a
subscription for the principal's effective permissions tells whether their actions are allowed. For members of
groups Graph is asked for one group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from assessments.collect.errors import BadAnswer
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, discover_subscriptions, path_of
from assessments.controls.declare import Control
from assessments.estate.collection import Collection, Source
from assessments.estate.collections.directory import GROUP_MEMBERS
from assessments.estate.gaps import Gap, Reason
from assessments.estate.roles import covered
from assessments.grants import closure
from assessments.readiness import ControlReadiness, Missing, PreflightReport

THREADS = 8
UNSEEN = "<id>"
"""In the place of a subscription where none is seen: whoever runs the command puts one in."""
# Whoever may read groups may read one of them; there being none is an answer, too.
_STAND_INS = {
    GROUP_MEMBERS.name: replace(
        GROUP_MEMBERS, path="groups", after=(), targets=None, absent_is_none=True,
        query={"$top": "1", "$select": "id"},
    )
}  # fmt: skip
# Documented for resource groups and resources; subscriptions answer alike.
# https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
EFFECTIVE = Collection(
    name="effective_permissions",
    path="{scope}/providers/Microsoft.Authorization/permissions",
    permission="Microsoft.Authorization/permissions/read",
    title="Effective permissions",
    api_version="2022-04-01",
)


@dataclass(slots=True)
class _Answer:
    """What a question came to; `permissions` the effective (actions, notActions)."""

    gap: Gap | None = None
    permissions: Sequence[tuple[list[str], list[str]]] = ()


def preflight(
    session: Session,
    subscriptions: Iterable[str],
    controls: Sequence[Control],
    *,
    client_id: str,
    seconds: float | None = None,
) -> PreflightReport:
    """Ask for everything once. SignInError where it cannot sign in.

    `subscriptions` are GUIDs; without any those are asked that the service principal sees. Where it sees none,
    all of ARM counts as refused. What is not answered after `seconds` is missing for want of time.
    """
    session.sign_in()
    places = tuple(sorted({guid.casefold() for guid in subscriptions})) or _seen(session)
    wanted = {name: c for control in controls for name, c in closure(control).items()}
    questions = list(_questions(wanted.values(), places))
    answers = _answers(session, questions, seconds)
    found: dict[str, list[Missing]] = {}
    if not places:
        arm = [c for c in wanted.values() if c.source is Source.ARM and c.targets is None]
        found = {c.name: [_unseen(c)] for c in arm}
    unchecked = []
    for (collection, scope), answer in zip(questions, answers, strict=True):
        if collection is EFFECTIVE:
            if answer.gap is not None:
                unchecked.append(scope.rpartition("/")[2])
                continue
            for child in _refused(wanted.values(), answer):
                found.setdefault(child.name, []).append(_not_allowed(child, scope))
        elif answer.gap is not None:
            found.setdefault(collection.name, []).append(_missing(collection, scope, answer.gap))
    rows = tuple(
        ControlReadiness(control, tuple(m for name in sorted(closure(control)) for m in found.get(name, ())))
        for control in controls
    )
    return PreflightReport(client_id, places, rows, requests=len(questions), unchecked=tuple(unchecked))


def _answers(
    session: Session, questions: Sequence[tuple[Collection, str]], seconds: float | None
) -> list[_Answer]:
    """The answers in the questions' order; those that are not there in time are gaps."""
    pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="preflight")
    try:
        futures = [pool.submit(_ask, session, *question) for question in questions]
        wait(futures, timeout=seconds)
        return [
            future.result() if future.done() else _Answer(_too_late(*question))
            for future, question in zip(futures, questions, strict=True)
        ]
    finally:
        # What is under way ends by itself; its answer is not waited for.
        pool.shutdown(wait=seconds is None, cancel_futures=True)


def _too_late(collection: Collection, scope: str) -> Gap:
    return Gap(collection.name, scope, Reason.TIMEOUT, permission=collection.permission)


def _questions(
    collections: Iterable[Collection], subscriptions: Sequence[str]
) -> Iterator[tuple[Collection, str]]:
    held = sorted(collections, key=lambda c: c.name)
    if any(_hangs_on_another(c) for c in held):
        # First: a limit of time cuts off what is asked last.
        yield from ((EFFECTIVE, f"/subscriptions/{guid}") for guid in subscriptions)
    for collection in held:
        asked = _STAND_INS.get(collection.name, collection)
        if asked.targets is not None:
            continue
        if asked.source is Source.GRAPH:
            # Where Graph pages by $top, one object is enough.
            small = {"$top": "1"} if "$top" in asked.query else {}
            yield replace(asked, query={**asked.query, **small}), ""
        else:
            yield from ((asked, f"/subscriptions/{guid}") for guid in subscriptions)


def _seen(session: Session) -> tuple[str, ...]:
    try:
        documents = discover_subscriptions(session)
    except EXPECTED:
        # Each question would be refused the same way, and the report says that for every one.
        return ()
    guids = {document.get("subscriptionId") for document in documents}
    return tuple(sorted(guid.casefold() for guid in guids if isinstance(guid, str) and guid))


def _unseen(collection: Collection) -> Missing:
    text = "the service principal sees no subscription"
    return Missing(collection.name, collection.title, collection.permission, UNSEEN, Reason.FORBIDDEN, text)


def _hangs_on_another(collection: Collection) -> bool:
    return collection.source is Source.ARM and collection.targets is not None


def _refused(collections: Iterable[Collection], effective: _Answer) -> Iterator[Collection]:
    """What hangs on other answers and whose action is not among the effective permissions."""
    for collection in collections:
        if _hangs_on_another(collection) and not any(
            covered(action, allowed) and not covered(action, taken)
            for action in collection.permission.split("|")
            for allowed, taken in effective.permissions
        ):
            yield collection


def _not_allowed(collection: Collection, scope: str) -> Missing:
    guid = scope.rpartition("/")[2]
    text = f"the effective permissions do not hold {collection.permission}"
    return Missing(collection.name, collection.title, collection.permission, guid, Reason.FORBIDDEN, text)


def _ask(session: Session, collection: Collection, scope: str) -> _Answer:
    try:
        if collection is EFFECTIVE:
            rows = [row for page in session.pages(collection, scope) for row in page]
            return _Answer(permissions=[(_texts(row, "actions"), _texts(row, "notActions")) for row in rows])
        next(session.pages(collection, scope), None)
    except EXPECTED as error:
        gap = gap_of(error, collection, scope, path_of(collection, scope))
        if gap is None and collection is EFFECTIVE:
            gap = Gap(collection.name, scope, Reason.NOT_FOUND, permission=collection.permission)
        return _Answer(gap)
    return _Answer()


def _texts(row: Mapping[str, Any], key: str) -> list[str]:
    """The patterns; BadAnswer where they are none: half a list would allow or refuse wrongly."""
    patterns = row.get(key) or []
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise BadAnswer(f"`{key}` of the effective permissions is not a list of texts")
    return patterns


def _missing(collection: Collection, scope: str, gap: Gap) -> Missing:
    guid = scope.rpartition("/")[2] if scope else ""
    return Missing(collection.name, collection.title, collection.permission, guid, gap.reason, gap.sentence())
