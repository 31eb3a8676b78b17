"""Judge one control on a few Azure documents.

`judge("storage-secure-transfer", {"storage_accounts": [body, ...]})` adds each body at the scope in its id (the
subscription, or the parent). If a needed list is not given, it counts as read and empty. If a needed single setting
is not given, it counts as not found (404), although in Azure the setting always exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import control
from assessments.estate.collection import Collection, Shape
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.evaluate import Result, evaluate

SUB = "/subscriptions/10000000-0000-0000-0000-000000000001"
RG = f"{SUB}/resourceGroups/rg"
TENANT = "90000000-0000-0000-0000-000000000009"
DIRECTORY = f"directory:{TENANT}"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

Body = Mapping[str, Any]
Docs = Mapping[str, "Sequence[Body] | Mapping[str, Sequence[Body]]"]


def doc(identifier: str, /, properties: Body | None = None, **top: Any) -> dict[str, Any]:
    """Return an ARM document, named by the last segment of its id."""
    return {
        "id": identifier,
        "name": identifier.rsplit("/", 1)[-1],
        "properties": dict(properties or {}),
        **top,
    }


def gap(
    collection: str, scope: str | None = None, reason: Reason = Reason.FORBIDDEN, status: int = 403
) -> Gap:
    """Return a gap; the default scope is the subscription or directory."""
    if scope is None:
        scope = "" if ALL[collection].is_directory_wide else SUB
    return Gap(collection, scope, reason, status=status, permission=ALL[collection].permission)


def scope_of(collection: Collection, identifier: str) -> str:
    """Return the scope of a document with this id."""
    if collection.is_directory_wide:
        return ""
    if collection.targets is None or collection.only_if_listed:
        return "/".join(identifier.split("/")[:3])
    tail = collection.path.removeprefix("{scope}")
    if not tail:
        return identifier
    position = fold(identifier).rfind(fold(tail))
    if position < 0:
        raise ValueError(f"{identifier} is not the id of one of {collection.name}")
    return identifier[:position]


def scoped(docs: Docs) -> dict[str, dict[str, list[Body]]]:
    """Group the documents by collection and scope."""
    found: dict[str, dict[str, list[Body]]] = {}
    for name, given in docs.items():
        scopes = found.setdefault(name, {})
        if isinstance(given, Mapping):
            scopes.update({scope: list(bodies) for scope, bodies in given.items()})
        else:
            for body in given:
                scopes.setdefault(scope_of(ALL[name], str(body.get("id", ""))), []).append(body)
    return found


def estate_of(
    kind: UnitKind,
    docs: Docs,
    gaps: Iterable[Gap] = (),
    needs: Iterable[Collection] = (),
    now: datetime = NOW,
    cloud: str = "",
    unchanged: Estate | None = None,
) -> Estate:
    """Return an estate with these documents and gaps. The remaining collections in `needs` count as read and empty.

    `unchanged`: an estate whose answers are used for the collections that are not in `docs`. Tests judge many variants
    of one collection, and adding all other documents again would take longer than judging.
    """
    subscription = SUB.rsplit("/", 1)[-1]
    unit_id = TENANT if kind is UnitKind.DIRECTORY else subscription
    estate = Estate(kind=kind, unit_id=unit_id, subscriptions=[subscription], now=now, cloud=cloud)
    estate.directory_id = TENANT
    if unchanged is not None:
        estate._answers |= {name: dict(held) for name, held in unchanged._answers.items() if name not in docs}
    given = set(estate.collections()) | set(docs)
    for name, scopes in scoped(docs).items():
        for scope, bodies in scopes.items():
            estate.add_documents(name, scope, bodies)
    for failed in gaps:
        estate.add_gap(failed)
    names = [name for one in needs for name in (*(one.after if one.only_if_listed else ()), one.name)]
    for collection in _in_order(tuple(names)):
        _fill(estate, collection, given=collection.name in given)
    return estate


def judge(
    slug: str,
    docs: Docs,
    gaps: Iterable[Gap] = (),
    params: Mapping[str, Any] | None = None,
    now: datetime = NOW,
    cloud: str = "",
) -> dict[str, Result]:
    """Judge one control and return {subject: result}. Subjects are spelt as in the documents."""
    rule = control(slug)
    estate = estate_of(rule.unit, docs, gaps, (*rule.needs, *rule.optional), now, cloud)
    return judge_estate(rule, estate, params)


def judge_estate(rule: Control, estate: Estate, params: Mapping[str, Any] | None = None) -> dict[str, Result]:
    """Judge one control on an estate and return {subject: result}. Subjects are spelt as in the estate."""
    overrides = {rule.slug: dict(params)} if params else None
    return {result.subject: result for result in evaluate(estate, [rule], overrides)}


def outcomes(results: Mapping[str, Result]) -> dict[str, str]:
    """Return {subject: outcome}."""
    return {subject: result.verdict.outcome.value for subject, result in results.items()}


@cache
def _in_order(needs: tuple[str, ...]) -> list[Collection]:
    """Return the collections with these names, parents first. Cached, because a control is judged very often."""
    wanted: dict[str, Collection] = {}

    def add(collection: Collection) -> None:
        if collection.name not in wanted:
            for parent in collection.after:
                add(ALL[parent])
            wanted[collection.name] = collection

    for name in needs:
        add(ALL[name])
    return [collection for name, collection in wanted.items() if name in needs]


def _fill(estate: Estate, collection: Collection, *, given: bool) -> None:
    if collection.targets is not None:
        scopes = list(collection.targets(estate))
    elif collection.is_directory_wide:
        scopes = [""]
    else:
        scopes = [f"/subscriptions/{subscription}" for subscription in estate.subscriptions]
    for scope in scopes:
        if estate.answer(collection.name, scope) is not None:
            continue
        if collection.shape is Shape.SINGLE and not collection.absent_is_none and not given:
            estate.add_gap(gap(collection.name, scope, Reason.NOT_FOUND, 404))
        else:
            estate.add_documents(collection.name, scope, [])
    if not scopes and not estate.was_asked(collection.name):
        # If the collection has no parents in the estate, it counts as read and empty.
        estate.add_documents(collection.name, "(nobody)", [])
