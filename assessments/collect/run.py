"""Collects one unit: asks for everything its controls need, each thing once, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assessments.collect.errors import BadAnswer, Cancelled
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.plan import needed, waves
from assessments.collect.policies import Tally, counted, last_request_id
from assessments.collect.session import Session, path_of
from assessments.collect.wire import Document
from assessments.controls.declare import Control
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.estate import Estate
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What a collection took. `requests` counts every try, sign-in included; times are aware."""

    requests: int
    throttled: int
    started: datetime
    finished: datetime


@dataclass(slots=True)
class _Fetched:
    """What one thread brought for one collection at one scope."""

    collection: Collection
    scope: str
    pages: list[tuple[list[Document], str]] = field(default_factory=list)
    gap: Gap | None = None


def collect(
    estate: Estate,
    controls: Iterable[Control],
    session: Session,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int = 8,
) -> CollectReport:
    """Fill the estate with what the controls of its kind need.

    `progress(done, planned, title)` is called in the caller's thread; `planned` grows while dependent
    questions become known. `cancelled()` is asked between requests, also from other threads; Cancelled is
    raised when it says so. What cannot be read becomes a gap in the estate.
    """
    started = datetime.now(UTC)
    tally = Tally()
    stop = cancelled or (lambda: False)
    steps = waves(needed(controls, estate.kind).values())
    done, planned = 0, 0
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="collect") as pool:
        for step in steps:
            questions = [(c, scope) for c in step for scope in _scopes(estate, c)]
            planned += len(questions)

            def ask(question: tuple[Collection, str]) -> _Fetched:
                return _fetch(session, *question, tally, stop)

            for fetched in _bounded(pool, ask, questions, limit=2 * threads):
                estate.add_documents(fetched.collection.name, fetched.scope, ())
                keep = fetched.collection.keep
                for documents, request_id in fetched.pages:
                    kept = [body for body in documents if keep is None or keep(estate, body)]
                    estate.add_documents(fetched.collection.name, fetched.scope, kept, request_id)
                if fetched.gap is not None:
                    estate.add_gap(fetched.gap)
                done += 1
                if progress is not None:
                    progress(done, planned, fetched.collection.title)
            for collection in step:
                _note_untargeted(estate, collection)
    return CollectReport(tally.requests, tally.throttled, started, datetime.now(UTC))


def _scopes(estate: Estate, collection: Collection) -> list[str]:
    """What to ask a collection for: each scope once, whatever its spelling."""
    if collection.targets is not None:
        scopes = {fold(target): target for target in collection.targets(estate) if target}
        return [scopes[key] for key in sorted(scopes)]
    if collection.source is Source.GRAPH:
        return [""]
    return [f"/subscriptions/{subscription}" for subscription in estate.subscriptions]


def _fetch(
    session: Session, collection: Collection, scope: str, tally: Tally, stop: Callable[[], bool]
) -> _Fetched:
    fetched = _Fetched(collection, scope)
    if stop():
        raise Cancelled
    if (known := session.shared.get(collection, scope)) is not None:
        fetched.pages = known
        return fetched
    try:
        with counted(tally):
            for page in session.pages(collection, scope):
                usable = [document for document in page if _is_named(collection, document)]
                kept = [collection.prepare(document) for document in usable] if collection.prepare else usable
                fetched.pages.append((kept, last_request_id()))
                if len(usable) < len(page):
                    raise BadAnswer("`value` holds a document without an id")
                if stop():
                    raise Cancelled
        session.shared.put(collection, scope, fetched.pages)
    except EXPECTED as error:
        # The pages before the failure stay: a failing resource on them is a failure all the same.
        fetched.gap = gap_of(error, collection, scope, path_of(collection, scope))
    return fetched


def _is_named(collection: Collection, document: Document) -> bool:
    """Whether a document says what it is about: every ARM resource in a list has an id."""
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
    """The answers as they come, with at most `limit` questions under way; what is left is dropped on an
    error.
    """
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


def _note_untargeted(estate: Estate, collection: Collection) -> None:
    """Say of a dependent collection what its parents' answers mean for the unit as a whole.

    Where no parent exists it is answered and empty. Where a parent could not be read it is not known what
    it would have held: the parent's gap is its gap too, so that nobody takes the part for the whole. A
    licence that is missing means that the parent's kind is not in use.
    """
    if collection.targets is None:
        return
    whole = estate.scope_id if not estate.subscriptions else f"/subscriptions/{estate.subscriptions[0]}"
    if not estate.was_asked(collection.name):
        estate.add_documents(collection.name, "" if collection.source is Source.GRAPH else whole, ())
    for parent in collection.after:
        for answer in estate.answers(parent):
            if answer.gap is None or answer.gap.reason is Reason.LICENCE_MISSING:
                continue
            known = estate.answer(collection.name, answer.scope)
            if known is None or known.gap is None:
                estate.add_gap(replace(answer.gap, collection=collection.name))
