"""The changed properties of an entry of the directory's audit log: values of every form, masks, and limits of size."""

from __future__ import annotations

import json
from typing import Any

from assessments.collect.activity.directory_events import directory_events
from assessments.collect.activity.modified_properties import (
    MAX_DEPTH,
    MAX_PROPERTIES,
    MAX_READ,
    modified_properties,
)
from assessments.estate.differences import MAX_VALUE
from assessments.estate.redact import REDACTED
from tests.assessments.collect import azure
from tests.assessments.collect.activity.directory_entries import APP, GROUP, PERSON, entry
from tests.for_each import for_each


def modified(name: Any, old: Any, new: Any) -> dict[str, Any]:
    return {"displayName": name, "oldValue": old, "newValue": new}


def one(name: str, old: Any, new: Any, *, is_person: bool = False) -> Any:
    """Return the row that is stored for the change of one property."""
    (row,) = modified_properties([modified(name, old, new)], is_person=is_person).rows
    return row


DEEP = MAX_DEPTH + 2
# (name of the property, old value, new value, stored values)
VALUES = [
    ("AccountEnabled", "[true]", "[false]", {"before": [True], "now": [False]}),
    ("DisplayName", None, '["Admins"]', {"now": ["Admins"]}),
    ("Role.ObjectID", '"1"', None, {"before": "1"}),
    ("KeyDescription", "[]", '["[KeyIdentifier=7]"]', {"before": [], "now": ["[KeyIdentifier=7]"]}),
    ("ConditionalAccessPolicy", "", '{"state":"disabled"}', {"before": "", "now": {"state": "disabled"}}),
    ("Nested", "[]", '["{\\"a\\": [1]}"]', {"before": [], "now": [{"a": [1]}]}),
    ("Text", "not JSON", "[1, 2", {"before": "not JSON", "now": "[1, 2"}),
    ("Types", 7, {"a": None}, {"before": 7, "now": {"a": None}}),
    ("Numbers", "NaN", "1e999", {"before": "nan", "now": "inf"}),
    ("Unstorable", '"a\\u0000b"', '"\\ud800"', {"before": "ab", "now": ""}),
    ("Nothing", None, None, {"before": "(Entra gives no value)", "now": "(Entra gives no value)"}),
    (
        "Deep",
        "1",
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
        {"before": 1, "now": "(nested too deeply, not stored)"},
    ),
    ("Huge", "1", "x" * (MAX_READ + 1), {"before": 1, "now": "(20,001 characters, not stored)"}),
    ("Long", "1", "x" * MAX_READ, {"before": 1, "now": '"' + "x" * (MAX_VALUE - 1) + " …"}),
]


@for_each("name,old,new,sides", VALUES)
def test_values_of_every_form(name: str, old: Any, new: Any, sides: dict[str, Any]) -> None:
    row = one(name, old, new)
    assert row == {"path": [name], **sides}
    json.dumps(row, allow_nan=False).encode()


def test_a_value_that_nests_without_end_is_bounded() -> None:
    for text in ("[" * MAX_READ, '{"a":' * 4000, '"' + "\\" * 15_000):
        assert len(one("Deep", "1", text)["now"]) <= MAX_VALUE + 2


def test_secrets_and_people_are_masked() -> None:
    person = one("DisplayName", '["Anna Berg"]', '["Anna Berg-Alt"]', is_person=True)
    assert all(side[0].startswith("masked-") for side in (person["before"], person["now"]))
    assert person["before"] != person["now"]
    assert one("Group.DisplayName", None, '"Admins"', is_person=True)["now"] == "Admins"
    assert one("User.UPN", None, '"anna@contoso.com"')["now"].endswith("@contoso.com")
    assert "anna" not in one("User.UPN", None, '"anna@contoso.com"')["now"]
    assert "Berg" not in str(one("User.DisplayName", None, '"Anna Berg"'))
    assert "4930" not in str(one("TelephoneNumber", "[]", '["+4930123456"]', is_person=True))
    assert one("PasswordProfile", '"a"', '"b"') == {
        "path": ["PasswordProfile"],
        "before": REDACTED,
        "now": REDACTED,
    }
    withheld = one("StrongAuthenticationPhoneAppDetail", "[]", '[{"DeviceToken":"apns2-x"}]', is_person=True)
    assert (withheld["before"], withheld["now"]) == (REDACTED, REDACTED)
    hidden = one("Settings", "1", '["{\\"clientSecret\\": \\"hunter2\\", \\"note\\": \\"Bearer abc\\"}"]')
    assert "hunter2" not in str(hidden)
    assert "abc" not in str(hidden)


def test_properties_that_cannot_be_stored_are_counted() -> None:
    nothing: list[Any] = [None, "x", {}, 7, [], [modified("Same", "1", "1")]]
    for given in nothing:
        assert modified_properties(given, is_person=False) == ((), 0)
    broken = [7, None, modified(None, "1", "2"), modified(7, "1", "2"), modified("\u202e", "1", "2")]
    assert modified_properties(broken, is_person=False) == ((), len(broken))
    many = [modified(f"P{number}", "1", "2") for number in range(5000)]
    found = modified_properties(many, is_person=False)
    assert (len(found.rows), found.total) == (MAX_PROPERTIES, 5000)
    (path,) = one("N" * 5000, "1", "2")["path"]
    assert len(path) <= 256


def test_each_object_has_its_own_properties_and_its_name() -> None:
    targets = [
        {
            "id": PERSON,
            "displayName": "Anna Berg",
            "type": "User",
            "modifiedProperties": [modified("A", "1", "2")],
        },
        {"id": GROUP, "displayName": "Admins\u202e", "type": "Group"},
        {"id": GROUP, "type": "Group", "modifiedProperties": [modified("B", "1", "2")]},
        {"id": APP, "displayName": 7, "type": "Application", "modifiedProperties": "none"},
    ]
    person, group, app = directory_events(entry(1, targetResources=targets), azure.DIRECTORY)
    assert (person.target_name, person.property_count) == ("", 1), (
        "the names of people are not stored in events"
    )
    assert (group.target_name, group.property_count, group.properties[0]["path"]) == ("Admins", 1, ["B"])
    assert (app.target_name, app.properties, app.property_count) == ("", (), 0)
