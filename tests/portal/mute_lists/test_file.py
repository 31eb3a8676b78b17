"""Which mute lists are read, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from portal.configuration.problems import MAX_PROBLEMS, UnusableFile
from portal.mute_lists.file import MAX_BYTES, MAX_ENTRIES, read_mute_list
from tests.for_each import for_each
from tests.portal.mute_lists.lists import entry, mute_list

# Written for this test in the form of prowler/config/azure_mutelist_example.yaml.
EXAMPLE = """
Mutelist:
  Accounts:
    "Azure subscription 1":
      Checks:
        "sqlserver_tde_encryption_enabled":
          Regions:
            - "westeurope"
          Resources:
            - "sqlserver1"
            - "sqlserver2"
          Description: "Both servers are
            empty until May"
        "defender_*":
          Regions: ["*"]
          Resources: ["*"]
          Tags:
            - "project=test|project=stage"
    "*":
      Checks:
        "vm_*":
          Regions: ["*"]
          Resources: ["*"]
          Exceptions:
            Accounts: ["Subscription2"]
            Regions: ["eastus", "eastus2"]
"""


def problem_of(content: bytes) -> str:
    with pytest.raises(UnusableFile) as raised:
        read_mute_list(content)
    return " ".join(map(str, raised.value.problems))


def test_entries_are_read_in_order_with_their_lines() -> None:
    first, second, third = read_mute_list(EXAMPLE.encode())
    assert (first.number, first.line, first.account, first.check) == (
        1, 6, "Azure subscription 1", "sqlserver_tde_encryption_enabled",
    )  # fmt: skip
    assert (first.muted.regions, first.muted.resources) == (("westeurope",), ("sqlserver1", "sqlserver2"))
    assert first.description == "Both servers are empty until May"
    assert second.muted.tags == ("project=test|project=stage",)
    assert second.exceptions is None
    assert third.exceptions is not None
    assert (third.exceptions.accounts, third.exceptions.regions) == (
        ("Subscription2",),
        ("eastus", "eastus2"),
    )
    assert [one.problem for one in (first, second, third)] == ["", "", ""]


@for_each(
    ("content", "text"),
    [
        (b"", "It must begin with the key “Mutelist”."),
        (b"# nothing\n---\n", "It must begin with the key “Mutelist”."),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"Mutelist: [", "The file is not valid YAML"),
        (b"- a", "The file must be a mapping"),
        (b"Allowlist: {}", "“Allowlist” is not a key of the file. The keys are: Mutelist."),
        (b"Mutelist: {Accounts: [a]}", "“Accounts” must be a mapping"),
        (b"Mutelist: {Accounts: {a: {}}}", "“a” lacks the key “Checks”"),
        (b"Mutelist: {Accounts: {a: {Checks: {}}}}", "The file contains no checks."),
        (b"Mutelist: {Accounts: {a: {Checks: {b: null}}}}", "“b” must be a mapping"),
        (mute_list({"b": {"Regions": ["*"]}}), "“b” lacks the key “Resources”"),
        (mute_list({"b": entry(Resource=["x"])}), "“Resource” is not a key of “b”"),
        (mute_list({"b": entry(Resources="x")}), "“Resources” must be a list"),
        (mute_list({"b": entry(Tags=[1])}), "Entries of “Tags” must be texts"),
        (mute_list({"b": entry(Exceptions={"Checks": ["x"]})}), "“Checks” is not a key of “Exceptions”"),
        (mute_list({"b": entry(Description=["x"])}), "“Description” must be a text"),
        (b"a: &x [*x]", "Anchors such as"),
        (b"Mutelist: *x", "Aliases such as"),
        (b"Mutelist: !!python/object/apply:os.system [id]", "Tags such as"),
        (b"Mutelist: {<<: {Accounts: {}}}", "The merge key"),
        (b"Mutelist: {Accounts: {a: {Checks: {b: {}, b: {}}}}}", "is already in line"),
        (b"[" * 50, "nested more than"),
        (b" " * (MAX_BYTES + 1), "The file is larger than 256 KiB"),
        (mute_list({f"c{n}": entry() for n in range(MAX_ENTRIES + 1)}), "more than 500 checks"),
        (mute_list({"b": entry(Resources=["x"] * 5001)}), "more than 5,000 entries"),
        (mute_list({"b": entry()}, account="a" * 150), "more than 120 characters"),
    ],
)
def test_unusable_files_are_refused(content: bytes, text: str) -> None:
    assert text in problem_of(content)


@for_each(
    ("given", "text"),
    [
        ({"Resources": ["(?=x)"]}, "The expression “(?=x)” is not supported: groups that begin with “(?”"),
        ({"Tags": [r"(a)\1"]}, "is not supported"),
        ({"Exceptions": {"Resources": ["(a"]}}, "a group has no “)”"),
        ({"Regions": ["x" * 201]}, "more than 200 characters"),
        ({"Resources": ["(a{50}){50}"]}, "the pattern is too large"),
    ],
)
def test_expressions_that_cannot_be_compared_make_only_their_entry_unusable(
    given: dict[str, Any], text: str
) -> None:
    bad, good = read_mute_list(mute_list({"a": entry(**given), "b": entry()}))
    assert text in bad.problem
    assert good.problem == ""


def test_an_unsupported_name_of_a_check_is_reported() -> None:
    (found,) = read_mute_list(mute_list({"vm_++": entry()}))
    assert "cannot follow another repetition" in found.problem


def test_a_file_has_at_most_fifty_problems() -> None:
    content = mute_list({f"c{n}": {"Regions": ["*"]} for n in range(80)})
    with pytest.raises(UnusableFile) as raised:
        read_mute_list(content)
    assert len(raised.value.problems) == MAX_PROBLEMS
