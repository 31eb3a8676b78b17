"""The coverage ledger of one unit and of several."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from assessments.controls.registry import catalogue
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.evaluate import evaluate
from assessments.ledger import ControlsLedger, collections_ledger
from assessments.models import Unit
from assessments.selectors import ledger
from tests.assessments.controls.identity.cases_enforced import CASES as CASES_OF_MFA
from tests.assessments.controls.judging import judge
from tests.for_each import for_each

GUID = "10000000-0000-0000-0000-000000000001"
SCOPE = f"/subscriptions/{GUID}"
GROUP = f"{SCOPE}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts"
CONTROL = catalogue()["storage-secure-transfer"]


def estate() -> Estate:
    return Estate(
        kind=UnitKind.SUBSCRIPTION, unit_id=GUID, subscriptions=[GUID], now=datetime(2026, 11, 25, tzinfo=UTC)
    )


def account(name: str, https: bool | None = True) -> dict[str, Any]:
    properties = {} if https is None else {"supportsHttpsTrafficOnly": https}
    return {"id": f"{GROUP}/{name}", "name": name, "kind": "BlockBlobStorage", "properties": properties}


def gap(collection: str, scope: str = SCOPE, reason: Reason = Reason.FORBIDDEN) -> Gap:
    return Gap(collection, scope, reason)


def answered(*accounts: dict[str, Any]) -> Estate:
    found = estate()
    found.add_documents("storage_accounts", SCOPE, accounts)
    return found


def partly() -> Estate:
    found = answered(account("a"))
    found.add_gap(gap("storage_accounts", reason=Reason.SERVER_ERROR))
    return found


def forbidden() -> Estate:
    found = estate()
    found.add_gap(gap("storage_accounts"))
    return found


# (name, estate, (expected, reached, documents, gaps) of the collection, (subjects, outcomes, unknown) of the control)
CASES: list[
    tuple[str, Estate, tuple[int, int, int, dict[str, int]], tuple[int, dict[str, int], dict[str, int]]]
] = [
    ("nothing asked", estate(), (0, 0, 0, {}), (1, {"unknown": 1}, {"not_collected": 1})),
    ("nothing there", answered(), (1, 1, 0, {}), (1, {"not_applicable": 1}, {})),
    (
        "two",
        answered(account("a"), account("b", https=False)),
        (1, 1, 2, {}),
        (2, {"fail": 1, "pass": 1}, {}),
    ),
    ("forbidden", forbidden(), (1, 0, 0, {"forbidden": 1}), (1, {"unknown": 1}, {"forbidden": 1})),
    (
        "a later page failed",
        partly(),
        (1, 0, 1, {"server_error": 1}),
        (2, {"pass": 1, "unknown": 1}, {"server_error": 1}),
    ),
]


@for_each(("given", "collection", "control"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_ledger_counts_results_of_a_control(
    given: Estate, collection: tuple[Any, ...], control: tuple[Any, ...]
) -> None:
    row = collections_ledger(given, [CONTROL])["storage_accounts"]
    assert (row["expected"], row["reached"], row["documents"], row["gaps"]) == collection
    assert row["permission"] == ALL["storage_accounts"].permission
    assert row["title"] == ALL["storage_accounts"].title
    counted = ControlsLedger([CONTROL])
    for result in evaluate(given, [CONTROL]):
        counted.note(result)
    entry = counted.as_dict()[CONTROL.slug]
    assert (entry["subjects"], entry["outcomes"], entry["unknown"]) == control
    assert sum(entry["outcomes"].values()) == entry["subjects"] == sum(counted.outcomes.values())


def test_a_permission_that_no_request_needs_is_counted() -> None:
    (hidden,) = (case for case in CASES_OF_MFA if "HiddenMembership" in case.name)
    rule = catalogue()[hidden.slug]
    counted = ControlsLedger([rule])
    for result in judge(hidden.slug, hidden.docs, hidden.gaps).values():
        counted.note(result)
    assert counted.permissions == {"Member.Read.Hidden"}
    assert counted.as_dict()[hidden.slug]["permissions"] == {"Member.Read.Hidden": 1}


def test_a_control_without_results_has_a_row_of_zeros() -> None:
    assert ControlsLedger([CONTROL]).as_dict() == {
        CONTROL.slug: {"subjects": 0, "outcomes": {}, "unknown": {}}
    }


def test_children_are_counted_by_request() -> None:
    control = catalogue()["storage-public-blob"]
    given = answered(account("a"), account("b"), account("c"))
    given.add_documents(
        "blob_containers", f"{GROUP}/a", [{"id": f"{GROUP}/a/blobServices/default/containers/x"}]
    )
    given.add_documents("blob_containers", f"{GROUP}/b", [])
    given.add_gap(gap("blob_containers", f"{GROUP}/c", Reason.TIMEOUT))
    row = collections_ledger(given, [control])["blob_containers"]
    assert (row["expected"], row["reached"], row["documents"], row["gaps"]) == (3, 2, 1, {"timeout": 1})


def test_only_needed_collections_are_listed() -> None:
    assert set(collections_ledger(estate(), [CONTROL])) == {c.name for c in CONTROL.needs}
    every = collections_ledger(estate(), catalogue().values())
    controls = catalogue().values()
    assert set(every) == {c.name for control in controls for c in (*control.needs, *control.optional)}


def test_ledgers_of_units_are_summed() -> None:
    def unit(reached: int, gaps: dict[str, int], outcomes: dict[str, int]) -> Unit:
        collections = {
            "a": {
                "title": "A",
                "permission": "p",
                "expected": 2,
                "reached": reached,
                "documents": 5,
                "gaps": gaps,
            }
        }
        controls = {"c": {"subjects": sum(outcomes.values()), "outcomes": outcomes, "unknown": {}}}
        return Unit(coverage={"collections": collections, "controls": controls})

    waiting = Unit()
    units = [
        unit(2, {}, {"pass": 2}),
        unit(1, {"forbidden": 1}, {"fail": 1}),
        unit(0, {"forbidden": 2}, {}),
        waiting,
    ]
    assert ledger(units) == {
        "collections": {
            "a": {
                "title": "A",
                "permission": "p",
                "expected": 6,
                "reached": 3,
                "documents": 15,
                "gaps": {"forbidden": 3},
            }
        },
        "controls": {"c": {"subjects": 3, "outcomes": {"pass": 2, "fail": 1}, "unknown": {}}},
    }
    # Summing does not change the units' own ledgers.
    assert units[0].coverage["collections"]["a"]["expected"] == 2


def test_no_units_have_an_empty_ledger() -> None:
    assert ledger([]) == {"collections": {}, "controls": {}}


def test_machines_that_a_control_does_not_judge_are_named() -> None:
    """Scale sets and Arc machines are machines too, but most controls for virtual machines do not judge them."""
    read = estate()
    kinds = [
        "Microsoft.Compute/virtualMachineScaleSets",
        "microsoft.compute/VirtualMachineScaleSets",
        "Microsoft.HybridCompute/machines",
        "Microsoft.Compute/virtualMachines",
        None,
    ]
    rows = [{"id": f"{SCOPE}/x/{n}", "type": kind} for n, kind in enumerate(kinds)]
    read.add_documents("resources", SCOPE, rows)
    machines, accounts = catalogue()["vm-os-patches"], catalogue()["storage-secure-transfer"]
    found = ControlsLedger([machines, accounts], read).as_dict()
    assert found["vm-os-patches"]["not_covered"] == {
        "Arc machine": 1,
        "scale set (machines in flexible mode are checked)": 2,
    }
    assert "not_covered" not in found["storage-secure-transfer"]
    # Unlike `vm-os-patches`, this control also judges the model of scale sets.
    launched = ControlsLedger([catalogue()["vm-trusted-launch"]], read).as_dict()["vm-trusted-launch"]
    assert launched["not_covered"] == {"Arc machine": 1}
    assert "not_covered" not in ControlsLedger([machines]).as_dict()["vm-os-patches"]
