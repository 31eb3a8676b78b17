"""docs/azure-requests.md matches the declarations of the collections."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from assessments.controls.registry import catalogue
from assessments.estate.collection import Source
from assessments.estate.collections import ALL, REQUESTED
from assessments.generated_docs.request_pages import NAME, page

DOCS = Path(__file__).resolve().parents[3] / "docs"


def text() -> str:
    return page(ALL.values(), catalogue().values())


def rows(name: str) -> list[str]:
    return [line for line in text().splitlines() if line.startswith(f"| `{name}`")]


def test_the_page_is_up_to_date() -> None:
    assert (DOCS / NAME).read_text(encoding="utf-8") == text(), "Run: make docs"


def test_a_collection_without_a_definition_is_refused() -> None:
    new = replace(ALL["redis_caches"], name="redis_rules")
    missing = "assessments/estate/definitions has no entry for redis_rules: run make docs."
    with pytest.raises(LookupError, match=re.escape(missing)):
        page([*ALL.values(), new], ())


def test_a_collection_without_error_codes_is_refused() -> None:
    unread = replace(ALL["redis_caches"], error_codes=None)
    with pytest.raises(LookupError, match="The declaration of redis_caches has no error_codes"):
        page([unread], ())


@pytest.mark.slow(seconds=1)
def test_every_collection_is_listed_with_its_specification() -> None:
    for collection in REQUESTED.values():
        request, specified, *_ = rows(collection.name)
        assert collection.specification, collection.name
        assert collection.specification in specified
        assert collection.permission.split("|")[0] in request
        if collection.source is Source.ARM:
            assert collection.api_version in request
            assert collection.oldest_version in request


def test_a_row_says_what_a_request_needs_and_what_its_answers_mean() -> None:
    registrations, _, _, codes = rows("mfa_registrations")
    assert "List, 999 a page, without `$top` after a 400" in registrations
    assert "`AuditLog.Read.All`<br>Microsoft Entra ID P1" in registrations
    assert "`AuditLog.Read.All` and `User.Read.All`" in rows("guest_sign_ins")[0]
    assert "`Authentication_MSGraphPermissionMissing`" in codes
    assert "`GroupSettings.Read.All` or `Directory.Read.All`" in rows("group_settings")[0]
    assert "`TenantNotOnboarded`, `ResourceNotOnboarded`: none" in rows("role_eligibilities")[0]
    assert "`InvalidResourceType`: none" in rows("classic_administrators")[0]
    pricings, specified, _ = rows("defender_pricings")
    assert "2024-01-01<br>oldest 2023-01-01" in pricings
    assert "`properties.inherited` 2024-01-01" in specified
    assert "[storage-public-blob](controls/storage-public-blob.md) (if permitted)" in rows("blob_services")[0]


def test_each_request_says_which_error_codes_its_reference_names() -> None:
    assert "| General codes |" in rows("network_watchers")[2]
    assert "`BlobAuditingIsNotSupportedOnResourceType`" in rows("sql_database_auditing")[2]
    assert "| General codes |" in rows("users")[-1], "Graph documents its codes for all requests"


def test_each_request_of_graph_says_what_it_was_compared_with() -> None:
    compared = rows("guest_sign_ins")[2]
    assert "| `GET /users` | `Collection(user)` |" in compared
    assert "| `creationType`, `id`, `signInActivity`, `userType` | `User.Read.All` |" in compared
    assert "[`AuditLog.Read.All`](https://learn.microsoft.com/graph/api/resources/signinactivity)" in compared
    assert "`POST /directoryObjects/getByIds`" in rows("directory_objects")[2]
    assert len(rows("disks")) == 3, "requests of Azure Resource Manager are in no such table"


def test_the_page_says_which_requests_change_something() -> None:
    assert "Azure resumes the database" in (effect := ALL["sql_database_encryption"].side_effect)
    requests = "The requests are `sql_database_auditing` and `sql_database_encryption`. - **Hidden"
    assert f"{effect} {requests}" in " ".join(text().split())


def test_a_change_of_a_declaration_changes_the_page() -> None:
    changed = {**ALL, "disks": replace(ALL["disks"], api_version="2030-01-01")}
    assert page(changed.values(), catalogue().values()) != text()


def test_rows_have_as_many_cells_as_their_head() -> None:
    for found in re.findall(r"(?:^\|.*\n)+", text(), re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in found.splitlines()}) == 1, found[:200]
