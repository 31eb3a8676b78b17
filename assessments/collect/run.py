"""Collect one unit. Several threads request everything that the controls of the unit need. Each answer is requested
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assessments.collect.delegated_errors import for_customer
from assessments.collect.errors import BadAnswer, Cancelled
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.http.policies import Tally, counted, last_api_version, last_request_id
from assessments.collect.http.waiting import WaitBudget
from assessments.collect.http.wire import Document
from assessments.collect.http.within_subscription import refuse_other_directories
from assessments.collect.plan import needed, waves
from assessments.collect.principals.effective_permissions import DelegatedRights, OwnRights
from assessments.collect.session import Session, path_of
from assessments.collect.shared import Pages
from assessments.controls.declare import Control
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.estate import Answer, Estate
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.estate.retired import missing_features

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class CollectReport:
    """Numbers and times of one run. `requests` includes retries and sign-ins. `started` and `finished` have a time
    zone.

    `is_partly_delegated` means that no role is delegated for the whole subscription, so nothing was read.
    """

    requests: int
    throttled: int
    started: datetime
    finished: datetime
    is_partly_delegated: bool = False


@dataclass(slots=True)
class _Fetched:
    """The data that one thread has read of one collection at one scope."""

    collection: Collection
    scope: str
    pages: Pages = field(default_factory=list)
    gap: Gap | None = None
    is_reused: bool = False


def collect(
    estate: Estate,
    controls: Iterable[Control],
    session: Session,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int = 8,
    waiting: float = 0.0,
    interrupted: Callable[[], bool] = lambda: False,
    known: Callable[[Collection, str], Answer | None] = lambda _collection, _scope: None,
) -> CollectReport:
    """Fill the estate of a unit with everything that the controls for this kind of unit need. Unreadable data become
    gaps.

    - `progress(done, planned, title)`: called from any thread; `planned` grows as dependent requests become known
    - `cancelled()`: called between requests, from any thread; if it returns true, Cancelled is raised
    - `waiting`: the maximum sum, in seconds, of all waits that are longer than `Patience.cap`; if `interrupted()`
      returns true during such a wait, Cancelled is raised
    - `known(collection, scope)`: called from any thread; returns an answer to use without a request, or None

    If a principal has roles only on some resource groups, Azure shortens lists without an error. So for a delegated
    subscription, the principal's permissions are read first. Collections that these permissions do not cover on the
    whole subscription are not read. For other subscriptions, the documents of a shortened list are kept, because they
    can prove a failure, and the list gets a gap.
    """
    started = datetime.now(UTC)
    estate.directory_id = session.directory_id
    stop = cancelled or (lambda: False)
    missing = missing_features(estate.cloud, estate.now)
    steps = waves(needed(controls, estate.kind, missing).values())
    done, planned = 0, 0

    def tell(seconds: float) -> None:
        if progress is not None:
            progress(done, planned, f"Waiting {seconds:,.0f} s, because Azure limits the requests")

    tally = Tally(
        waits=WaitBudget(waiting, stop=lambda: stop() or interrupted(), tell=tell) if waiting else None
    )
    with counted(tally):
        rights = DelegatedRights.of(session)
    own = OwnRights(session) if rights is None else None
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="collect") as pool:
        for step in steps:
            questions = [(c, scope) for c in step for scope in _scopes(estate, c)]
            planned += len(questions)

            def ask(question: tuple[Collection, str]) -> _Fetched:
                if (answer := known(*question)) is not None:
                    return _reused(question[0], question[1], answer)
                return _fetch(estate, session, *question, tally, stop, rights, own)

            for fetched in _bounded(pool, ask, questions, limit=2 * threads):
                estate.add_documents(fetched.collection.name, fetched.scope, ())
                keep = None if fetched.is_reused else fetched.collection.keep
                for documents, request_id, version in fetched.pages:
                    relevant = [body for body in documents if keep is None or keep(estate, body)]
                    estate.add_documents(
                        fetched.collection.name, fetched.scope, relevant, request_id, version
                    )
                if fetched.gap is not None:
                    estate.add_gap(fetched.gap)
                done += 1
                if progress is not None:
                    progress(done, planned, fetched.collection.title)
            requested = {(collection.name, fold(scope)) for collection, scope in questions}
            for collection in step:
                _inherit_gaps(estate, collection, requested)
                if collection.only_if_listed:
                    with counted(tally):
                        _add_gaps_of_inventory(estate, collection, requested, rights, own)
    is_partial = rights is not None and rights.has_role is False
    return CollectReport(tally.requests, tally.throttled, started, datetime.now(UTC), is_partial)


def _scopes(estate: Estate, collection: Collection) -> list[str]:
    """Return the scopes to request for a collection. Ids that differ only in upper and lower case are returned once."""
    if collection.targets is not None:
        # An empty target means the whole directory. It is left out if the request needs a scope.
        whole = not collection.is_scoped
        scopes = {fold(target): target for target in collection.targets(estate) if target or whole}
        return [scopes[key] for key in sorted(scopes)]
    if collection.is_directory_wide:
        return [""]
    return [f"/subscriptions/{subscription}" for subscription in estate.subscriptions]


def _reused(collection: Collection, scope: str, answer: Answer) -> _Fetched:
    documents: list[Document] = [dict(view.body) for view in answer.documents]
    pages: Pages = [(documents, answer.request_id, answer.api_version)] if documents else []
    return _Fetched(collection, scope, pages, answer.gap, is_reused=True)


def _fetch(
    estate: Estate,
    session: Session,
    collection: Collection,
    scope: str,
    tally: Tally,
    stop: Callable[[], bool],
    rights: DelegatedRights | None,
    own: OwnRights | None,
) -> _Fetched:
    fetched = _Fetched(collection, scope)
    if stop():
        raise Cancelled
    if rights is not None and (refusal := rights.refusal(collection, scope)) is not None:
        fetched.gap = refusal
        return fetched
    try:
        if collection.targets is not None and collection.source is Source.ARM:
            # The scopes are ids in properties of the unit's resources, so they could be ids of another customer's
            # resources.
            refuse_other_directories(scope, estate.foreign)
        if (known := session.shared.get(collection, scope)) is not None:
            fetched.pages = known
            return fetched
        with counted(tally):
            for page in session.pages(collection, scope):
                usable = [document for document in page if _is_named(collection, document)]
                if collection.id_from_path:
                    usable = [{**document, "id": path_of(collection, scope)} for document in usable]
                prepared = (
                    [collection.prepare(document) for document in usable] if collection.prepare else usable
                )
                fetched.pages.append((prepared, last_request_id(), last_api_version()))
                if len(usable) < len(page):
                    raise BadAnswer("`value` contains a document without an id")
                if stop():
                    raise Cancelled
            fetched.gap = own.shortened(collection, scope) if own is not None else None
        if fetched.gap is None:
            session.shared.put(collection, scope, fetched.pages)
    except EXPECTED as error:
        # Pages before the error are kept, because their documents can prove a failure even without the other pages.
        gap = gap_of(error, collection, scope, path_of(collection, scope))
        fetched.gap = gap and for_customer(gap, error, session)
    return fetched


def _is_named(collection: Collection, document: Document) -> bool:
    """Return whether the document has an id or needs none. Only documents in lists of ARM need one."""
    if collection.source is not Source.ARM or collection.shape is not Shape.LIST:
        return True
    identifier = document.get("id")
    return isinstance(identifier, str) and bool(identifier.strip())


def _bounded(
    pool: ThreadPoolExecutor,
    ask: Callable[[tuple[Collection, str]], _Fetched],
    questions: list[tuple[Collection, str]],
    *,
    limit: int,
) -> Iterator[_Fetched]:
    """Yield answers as they arrive, with at most `limit` requests running. If `ask` raises, cancel the other
    requests."""
    running: set[Future[_Fetched]] = set()
    waiting = iter(questions)
    try:
        for question in waiting:
            running.add(pool.submit(ask, question))
            if len(running) >= limit:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        for future in running:
            future.cancel()


def _inherit_gaps(estate: Estate, collection: Collection, requested: set[tuple[str, str]]) -> None:
    """Complete the answers of a dependent collection from the answers and gaps of its parent collections.

    If no parent has a document, the dependent collection counts as read and empty. A gap of a parent becomes a gap of
    the dependent collection too, so that the dependent collection does not look complete. There are two exceptions:

    - The reason of the gap is a missing licence: a customer without the licence has no objects of the parent.
    - The dependent collection itself was requested at the scope of the gap. For example, `sql_atp_settings` is
      requested at a server, although its parent, the older `sql_alert_policies`, has a gap at this server.

    `requested` has (collection, case-folded scope).
    """
    if collection.targets is None:
        return
    whole = estate.scope_id if not estate.subscriptions else f"/subscriptions/{estate.subscriptions[0]}"
    if not estate.was_asked(collection.name):
        estate.add_documents(collection.name, "" if collection.is_directory_wide else whole, ())
    for parent in collection.after:
        for answer in estate.answers(parent):
            if answer.gap is None or answer.gap.reason is Reason.LICENCE_MISSING:
                continue
            if (collection.name, fold(answer.scope)) in requested:
                continue
            known = estate.answer(collection.name, answer.scope)
            if known is None or known.gap is None:
                estate.add_gap(replace(answer.gap, collection=collection.name))


def _add_gaps_of_inventory(
    estate: Estate,
    collection: Collection,
    requested: set[tuple[str, str]],
    rights: DelegatedRights | None,
    own: OwnRights | None,
) -> None:
    """Record a gap for each subscription in which Azure's inventory may lack resources of the collection's type.

    The collection is requested at a subscription only if the inventory has a resource of this type. But the inventory
    omits resources that the principal may not read. So if the collection was not requested, and the principal may not
    read this type on the whole subscription, such resources may exist.
    """
    for subscription in estate.subscriptions:
        scope = f"/subscriptions/{subscription}"
        if (collection.name, fold(scope)) in requested:
            continue
        gap = None
        if rights is not None:
            gap = rights.refusal(collection, scope)
        elif own is not None:
            gap = own.shortened(collection, scope)
        if gap is not None:
            estate.add_gap(gap)
