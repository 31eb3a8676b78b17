"""Earlier states of an estate: which changes are undone in them, and which units change from one state to the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portal.demo.azure import write_estate
from portal.demo.history.changes import CHANGES
from portal.demo.history.earlier_states import EarlierStates
from portal.demo.people import CUSTOMERS, LARGE

STEPS = 5
type Lines = dict[str, Any]


@pytest.fixture(scope="module")
def states(estate: Path) -> EarlierStates:
    return EarlierStates(estate, [2, 2, None, None, None])


@pytest.fixture(scope="module")
def written(states: EarlierStates, tmp_path_factory: pytest.TempPathFactory) -> list[Lines]:
    """A list with an item for each earlier state (step): the lines of its estate file, keyed by the id of each line's
    document. The line with the directory and its clients has the key `client`.
    """
    path = tmp_path_factory.mktemp("states") / "state.jsonl"
    found = []
    for step in range(STEPS):
        states.write(step, path)
        found.append(_lines(path))
    return found


def _lines(path: Path) -> Lines:
    found: Lines = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if "directory" in line:
            found["client"] = line
        elif "graph" in line:
            value = line["value"]
            found[f"{line['graph']}/{value.get('id', '') if isinstance(value, dict) else ''}"] = line
        else:
            found[line.get("id", text)] = line
    return found


@pytest.mark.slow(seconds=1)
def test_the_last_state_is_todays_estate(estate: Path, written: list[Lines]) -> None:
    assert written[-1] == _lines(estate)


def test_only_the_named_units_change_from_one_state_to_the_next(
    states: EarlierStates, written: list[Lines]
) -> None:
    for step in range(1, STEPS):
        before, after = written[step - 1], written[step]
        different = {key for key in {*before, *after} - {"client"} if before.get(key) != after.get(key)}
        scopes = {
            "/".join(key.split("/")[:3])
            if key.startswith("/subscriptions/")
            else f"directory:{states.directory_id}"
            for key in different
        }
        visible = {f"/subscriptions/{subscription}" for subscription in states.visible(step)}
        visible.add(f"directory:{states.directory_id}")
        assert scopes & visible <= set(states.changed(step)), step
        assert different, step


def test_a_resource_that_did_not_exist_yet_is_absent_with_everything_below_it(written: list[Lines]) -> None:
    absent = written[-1].keys() - written[0].keys()
    accounts = [key for key in absent if key.split("/")[-2] == "storageAccounts"]
    assert accounts
    for account in accounts:
        assert not [key for key in written[0] if key.startswith(f"{account}/")], account


def test_subscriptions_are_readable_from_the_step_on_that_connects_them(
    states: EarlierStates, written: list[Lines]
) -> None:
    granted = [lines["client"]["directory"]["clients"][0]["subscriptions"] for lines in written]
    assert [len(ids) for ids in granted[:2]] == [2, 2]
    assert granted[2] == ["*"]
    connected = f"/subscriptions/{states.subscriptions[2]}"
    assert connected in states.changed(2)
    assert connected not in states.changed(1)


def test_a_replaced_secret_is_the_former_one_in_all_states(estate: Path, tmp_path: Path) -> None:
    EarlierStates(estate, [None, None], secret="former").write(0, tmp_path / "state.jsonl")
    clients = _lines(tmp_path / "state.jsonl")["client"]["directory"]["clients"]
    assert [client["secret"] for client in clients] == ["former"]


@pytest.mark.slow(seconds=1)
def test_every_kind_of_change_finds_documents_in_some_customers_estate(tmp_path: Path) -> None:
    names: dict[str, set[str]] = {}
    for customer in CUSTOMERS:
        found = EarlierStates(write_estate(customer, tmp_path), [None] * STEPS)
        names[customer.slug] = {change.name for line in found._lines for _, change in line.changes}
    assert set().union(*names.values()) == {change.name for change in CHANGES}
    # The demonstration's signed report is about the customer LARGE, so its history must contain most kinds of change.
    assert len(names[LARGE]) > len(CHANGES) / 2
