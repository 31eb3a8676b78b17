"""Each bad answer causes the expected gap in each collection, and a sentence describes each gap.

The requests go over HTTPS to a sandbox. For each bad answer, the sandbox has a directory that gives this answer to all
requests.
tests/assessments/controls/test_bad_input.py tests how controls handle gaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.http.clouds import single_host
from assessments.collect.http.policies import Patience
from assessments.collect.session import Session, path_of
from assessments.estate.collection import Collection, Source
from assessments.estate.collections import ALL
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from tests.assessments.collect.azure import CLIENT, SECRET, answer
from tests.assessments.collect.collection_scopes import UNIT
from tests.assessments.collect.collection_scopes import scope_of as scope_of_arm
from tests.faults.bad_answers import ANSWERS, BadAnswer
from tests.sandbox.running import Running, running, write_estate

IMPATIENT = Patience(retries=0)


def scope_of(collection: Collection) -> str:
    """Return a scope at which the collection can be requested."""
    if collection.resource_graph:
        return f"/subscriptions/{UNIT}"
    if collection.source is Source.ARM:
        return scope_of_arm(collection)
    return "eeeeeeee-0000-0000-0000-000000000001" if collection.targets else ""


def directory_of(number: int) -> str:
    return f"90000000-0000-0000-0000-{number:012d}"


def estates(folder: Path) -> Iterator[Path]:
    """Write one estate file for each bad answer. Yield the paths of the files."""
    for number, bad in enumerate(ANSWERS):
        tenant = directory_of(number)
        client = {"clientId": CLIENT, "secret": SECRET, "subscriptions": ["*"], "graph": ["*"]}
        lines = [
            {"directory": {"tenantId": tenant, "clients": [client]}},
            {"id": f"/subscriptions/{UNIT}", "subscriptionId": UNIT, "tenantId": tenant, "state": "Enabled"},
        ]
        paths = sorted({where(collection) for collection in ALL.values()})
        lines += [answer(path, bad.status, bad.body_at(path), headers=bad.headers) for path in paths]
        yield write_estate(folder / f"estate-{number}.jsonl", lines)


def where(collection: Collection) -> str:
    if collection.resource_graph:
        return "/providers/microsoft.resourcegraph/resources"
    path = path_of(collection, scope_of(collection)).casefold()
    return f"/v1.0/{path}" if collection.source is Source.GRAPH else path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("bad")
    with running(folder / "state", *estates(folder), "--no-throttle") as served:
        yield served


def read(session: Session, collection: Collection) -> tuple[int, Gap | None, bool]:
    """Return the number of documents, the gap, and whether reading failed."""
    documents, scope = 0, scope_of(collection)
    try:
        for page in session.pages(collection, scope):
            documents += len(page)
    except EXPECTED as error:
        return documents, gap_of(error, collection, scope, path_of(collection, scope)), True
    return documents, None, False


@pytest.mark.slow(seconds=3)
@pytest.mark.parametrize("bad", ANSWERS, ids=[bad.name for bad in ANSWERS])
def test_a_bad_answer_becomes_a_gap_in_every_collection(bad: BadAnswer, served: Running) -> None:
    session = Session(
        single_host(served.url, served.ca),
        directory_of(ANSWERS.index(bad)),
        CLIENT,
        secret=SECRET,
        patience=IMPATIENT,
    )
    wrong = {}
    for collection in ALL.values():
        if collection.source is Source.IMPORTED:
            continue  # People upload these documents, so Azure is not asked for them.
        documents, gap, failed = read(session, collection)
        expected = bad.expected(collection)
        found = (gap.reason if gap else None, documents)
        # If an answer with status 200 causes no gap, it is read as one document, even if no control knows its
        # properties.
        count = 1 if bad.status == 200 and expected is None else bad.documents
        if collection.resource_graph and bad.status == 200:
            # Azure Resource Graph answers in a form of its own, without `value` and `nextLink`. No answer of `ANSWERS`
            # has this form, so each one causes a gap.
            expected, count = Reason.BAD_ANSWER, 0
        if found != (expected, count) or failed != (bad.status != 200 or expected is not None):
            wrong[collection.name] = (found, failed)
        elif gap is not None:
            sentence = describe_gap(gap)
            assert sentence[0].isupper()
            assert collection.title in sentence
            assert bad.status == 200 or str(bad.status) in sentence
    assert wrong == {}
