"""Remediation commands with the names of a subject filled in."""

import pytest

from portal.web.shared.fixes import Place, fix, place

S = "/subscriptions/0a"
ACCOUNT = f"{S}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acc"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (S, Place("0a", "", "", "0a")),
        (f"{S}/resourcegroups/RG1", Place("0a", "RG1", "", "RG1")),
        (ACCOUNT, Place("0a", "rg1", "Microsoft.Storage/storageAccounts", "acc")),
        (
            f"{ACCOUNT}/blobServices/default",
            Place("0a", "rg1", "Microsoft.Storage/storageAccounts/blobServices", "acc/default"),
        ),
        ("directory:0b", Place(name="directory:0b")),
        ("", Place()),
    ],
)
def test_the_parts_of_a_subject_are_read_from_its_id(subject: str, expected: Place) -> None:
    assert place(subject) == expected


def test_a_command_has_the_names_of_its_subject() -> None:
    text = "az storage account update -g RG -n ACCOUNT --https-only true"
    assert fix(text, ACCOUNT).commands == ["az storage account update -g rg1 -n acc --https-only true"]


def test_a_child_names_its_parent() -> None:
    found = fix(
        "az x -g RG --server SERVER", f"{S}/resourceGroups/g/providers/Microsoft.Sql/servers/s/databases/d"
    )
    assert found.commands == ["az x -g g --server s"]


def test_unknown_names_stay_placeholders() -> None:
    assert fix("az sql x -g RG --server SERVER", ACCOUNT).commands == ["az sql x -g rg1 --server SERVER"]
    assert fix("az x -g RG", "directory:0b").commands == ["az x -g RG"]


def test_prose_and_commands_are_separated() -> None:
    found = fix("Turn it off.\naz one \\\n  --two\naz three\nThen look again.")
    assert found.text == "Turn it off.\nThen look again."
    assert found.commands == ["az one \\\n  --two", "az three"]


def test_a_remark_on_a_command_is_a_sentence() -> None:
    found = fix("az one\n(or use just-in-time access)\n(a) and (b) stay")
    assert found.text == "Or use just-in-time access.\n(a) and (b) stay"
