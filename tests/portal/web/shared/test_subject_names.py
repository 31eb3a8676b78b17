"""Reading subscription, resource group, type and name from the id of a subject."""

import pytest

from portal.web.shared.subject_names import Place, place

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
