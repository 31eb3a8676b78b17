"""Several estates and directories at once; clients see only their own."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.stores.registry import Registry, load
from tests.sandbox import estates as e
from tests.sandbox.running import write_estate

CLIENT = {"secret": "x", "subscriptions": ["*"], "graph": ["*"]}


def loaded(tmp_path: Path, *files: list[dict[str, Any]]) -> Registry:
    return load([write_estate(tmp_path / f"{n}.jsonl", lines) for n, lines in enumerate(files)])


def granted(registry: Registry, tenant: str) -> dict[str, set[str]]:
    return {name: set(item.subscriptions) for name, item in registry.registrations[tenant].items()}


def test_one_file_can_contain_two_directories(tmp_path: Path) -> None:
    registry = loaded(
        tmp_path,
        [
            e.directory(e.TENANT, [{"clientId": e.ALL, **CLIENT}]),
            e.directory(e.OTHER_TENANT, [{"clientId": e.PART, **CLIENT}]),
            e.subscription(e.PROD, e.TENANT),
            e.subscription(e.FOREIGN, e.OTHER_TENANT),
            e.document(f"/subscriptions/{e.TEST}/resourceGroups/rg/providers/Microsoft.Web/sites/x"),
            {"graph": "users", "value": {"id": "u"}},
        ],
    )
    assert granted(registry, e.TENANT) == {e.ALL: {e.PROD, e.TEST}}
    assert granted(registry, e.OTHER_TENANT) == {e.PART: {e.FOREIGN}}
    assert registry.graphs[e.TENANT].filled
    assert e.OTHER_TENANT not in registry.graphs


def test_files_of_the_same_directory_are_merged(tmp_path: Path) -> None:
    registry = loaded(
        tmp_path,
        [e.directory(e.TENANT, [{"clientId": e.ALL, **CLIENT}]), e.subscription(e.PROD, e.TENANT)],
        [
            e.directory(e.TENANT, [{"clientId": e.PART, **CLIENT}]),
            e.subscription(e.TEST, e.TENANT),
            {"graph": "users", "value": [{"id": "u"}]},
        ],
    )
    both = {e.PROD, e.TEST}
    assert granted(registry, e.TENANT) == {e.ALL: both, e.PART: both}
    assert registry.graphs[e.TENANT].collection("users") == [{"id": "u"}]
    assert len(registry.all_stores()) == 1


def test_a_grant_does_not_include_subscriptions_of_other_directories(tmp_path: Path) -> None:
    wide = {"clientId": e.ALL, **CLIENT, "subscriptions": ["*", e.FOREIGN]}
    registry = loaded(
        tmp_path,
        [e.directory(e.TENANT, [wide]), e.subscription(e.PROD, e.TENANT)],
        e.other_estate(),
    )
    assert granted(registry, e.TENANT) == {e.ALL: {e.PROD}}
    assert [e.FOREIGN in warning for warning in registry.warnings] == [True]


@pytest.mark.parametrize("owner", [e.TENANT, None])
def test_a_directory_is_generated_if_the_file_has_none(tmp_path: Path, owner: str | None) -> None:
    line = {"id": f"/subscriptions/{e.PROD}"} | ({"tenantId": owner} if owner else {})
    first, second = (loaded(tmp_path, [line]) for _ in range(2))
    assert list(first.registrations) == list(second.registrations)
    (tenant,) = first.registrations
    assert owner is None or tenant == owner
    (registration,) = first.registrations[tenant].values()
    assert registration.generated
    assert registration.subscriptions == {e.PROD}
    assert registration.client.graph == {"*"}


def test_the_last_document_of_an_id_is_served_with_a_warning(tmp_path: Path) -> None:
    lines = [e.document(f"{e.DATA}/providers/Microsoft.Web/sites/a", kind=kind) for kind in ("old", "new")]
    registry = loaded(tmp_path, lines)
    (store,) = registry.all_stores()
    key = lines[0]["id"].lower()
    assert b'"new"' in (store.find(key) or b"")
    assert store.listing(key.rpartition("/")[0]) == [key]
    assert registry.warnings == ["documents replaced by a later one with the same id: 1"]
