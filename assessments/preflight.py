"""Pre-flight: asks cheaply what a service principal may read, and says which controls that leaves judged.

One request for each top-level collection and subscription, a page of one for Graph where it pages. What hangs on
other answers (a server's settings, a group's members) is not asked for each parent: it counts as readable where
its parents are, Reader holds all of it; for members of groups Graph is asked for one group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, discover_subscriptions, path_of
from assessments.controls.declare import Control
from assessments.estate.collection import Collection, Source
from assessments.estate.collections import GROUP_MEMBERS
from assessments.estate.gaps import Gap, Reason
from assessments.grants import Grant, closure, commands_of, grant_of, is_graph

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


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that could not be read. `subscription` is a GUID, `` for Graph."""

    collection: str
    title: str
    permission: str
    subscription: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class ControlReadiness:
    """Whether a control can be judged everywhere; `missing` says what keeps it from that, and where."""

    control: Control
    missing: tuple[Missing, ...]

    @property
    def is_judged(self) -> bool:
        """Whether nothing that it reads was refused."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """What a service principal can be used for. With an `error` it could not sign in and nothing was asked."""

    client_id: str
    subscriptions: tuple[str, ...]
    controls: tuple[ControlReadiness, ...] = ()
    requests: int = 0
    error_code: str = ""
    error: str = ""

    @property
    def judged(self) -> tuple[ControlReadiness, ...]:
        """The controls that can be judged everywhere."""
        return tuple(row for row in self.controls if row.is_judged)

    @property
    def not_judged(self) -> tuple[ControlReadiness, ...]:
        """The controls that cannot."""
        return tuple(row for row in self.controls if not row.is_judged)

    @property
    def grants(self) -> list[Grant]:
        """Each right that was refused, ARM's first, with the controls that wait for it and the command."""
        waiting: dict[str, dict[str, None]] = {}
        places: dict[str, set[str]] = {}
        for row in self.controls:
            for missing in row.missing:
                if missing.reason is Reason.FORBIDDEN:
                    waiting.setdefault(missing.permission, {})[row.control.slug] = None
                    places.setdefault(missing.permission, set()).add(missing.subscription)
        order = sorted(waiting, key=lambda permission: (is_graph(permission), permission))
        return [grant_of(p, waiting[p], self.client_id, sorted(places[p] - {""})) for p in order]

    @property
    def commands(self) -> list[str]:
        """What to run for all grants, each line once."""
        return commands_of(self.grants, self.client_id)


def preflight(
    session: Session, subscriptions: Iterable[str], controls: Sequence[Control], *, client_id: str
) -> PreflightReport:
    """Ask for everything once. SignInError where it cannot sign in.

    `subscriptions` are GUIDs; without any those are asked that the service principal sees. Where it sees none,
    all of ARM counts as refused.
    """
    session.sign_in()
    places = tuple(sorted({guid.casefold() for guid in subscriptions})) or _seen(session)
    wanted = {name: c for control in controls for name, c in closure(control).items()}
    questions = list(_questions(wanted.values(), places))
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="preflight") as pool:
        gaps = list(pool.map(lambda question: _ask(session, *question), questions))
    found: dict[str, list[Missing]] = {}
    if not places:
        arm = [c for c in wanted.values() if c.source is Source.ARM and c.targets is None]
        found = {c.name: [_unseen(c)] for c in arm}
    for (collection, scope), gap in zip(questions, gaps, strict=True):
        if gap is not None:
            found.setdefault(collection.name, []).append(_missing(collection, scope, gap))
    rows = tuple(
        ControlReadiness(control, tuple(m for name in sorted(closure(control)) for m in found.get(name, ())))
        for control in controls
    )
    return PreflightReport(client_id, places, rows, requests=len(questions))


def _questions(
    collections: Iterable[Collection], subscriptions: Sequence[str]
) -> Iterator[tuple[Collection, str]]:
    for collection in sorted(collections, key=lambda c: c.name):
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


def _ask(session: Session, collection: Collection, scope: str) -> Gap | None:
    try:
        next(session.pages(collection, scope), None)
    except EXPECTED as error:
        return gap_of(error, collection, scope, path_of(collection, scope))
    return None


def _missing(collection: Collection, scope: str, gap: Gap) -> Missing:
    guid = scope.rpartition("/")[2] if scope else ""
    return Missing(collection.name, collection.title, collection.permission, guid, gap.reason, gap.sentence())
