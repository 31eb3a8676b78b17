"""Which accounts are asked for their blob service or file shares, and the remarks on static web sites."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.controls.registry import control
from assessments.estate.estate import UnitKind
from assessments.estate.services.storage import may_serve_web_site
from assessments.estate.targets import accounts_with_blobs, accounts_with_files
from assessments.estate.view import View
from tests.assessments.controls.judging import estate_of, judge, judge_estate
from tests.assessments.controls.storage.cases_storage import ID, PUBLIC, account, one, site
from tests.for_each import for_each

REFUSES: dict[str, Any] = {"allowBlobPublicAccess": False}


@for_each(
    ("body", "possible"),
    [
        (account(**REFUSES), True),
        (account("BlockBlobStorage", **REFUSES), True),
        (account("Storage", **REFUSES), False),
        (account("FileStorage", **REFUSES), False),
        (account(**REFUSES, publicNetworkAccess="disabled"), False),
        # The access rules of the perimeter, which the function does not read, may let the Internet in. So expect True.
        (account(**REFUSES, publicNetworkAccess="SecuredByPerimeter"), True),
        (account(**REFUSES, networkAcls={"defaultAction": "deny"}), False),
        (account(**REFUSES, networkAcls=None), True),
    ],
)
def test_only_some_accounts_may_serve_a_web_site_to_the_internet(
    body: dict[str, Any], possible: bool
) -> None:
    assert may_serve_web_site(View(body)) is possible


@for_each(("kind", "asked"), [("StorageV2", True), ("FileStorage", False), ("Moon", True)])
def test_the_blob_service_is_requested_only_from_accounts_that_can_have_one(kind: str, asked: bool) -> None:
    estate = estate_of(UnitKind.SUBSCRIPTION, one(account(kind)))
    assert list(accounts_with_blobs(estate)) == ([ID] if asked else [])


@for_each(
    ("kind", "sku", "asked"),
    [
        ("StorageV2", "Standard_LRS", True),
        ("StorageV2", "Premium_LRS", False),
        ("Storage", "premium_lrs", False),
        ("FileStorage", "Premium_LRS", True),
        ("BlockBlobStorage", "Premium_LRS", False),
    ],
)
def test_file_shares_are_requested_only_from_accounts_that_can_have_them(
    kind: str, sku: str, asked: bool
) -> None:
    estate = estate_of(UnitKind.SUBSCRIPTION, one({**account(kind), "sku": {"name": sku}}))
    assert list(accounts_with_files(estate)) == ([ID] if asked else [])


@pytest.mark.parametrize(
    "docs",
    [
        one(account(**REFUSES), blob_services=site(False)),
        one(account(**REFUSES), blob_services={ID: [{"id": f"{ID}/blobServices/default", "properties": {}}]}),
        one(account(**REFUSES, publicNetworkAccess="Disabled")),
    ],
    ids=["switched off", "not given", "not asked"],
)
def test_there_is_no_remark_without_a_web_site(docs: dict[str, Any]) -> None:
    assert judge(PUBLIC, docs)[ID].verdict.remarks == ()


def test_an_older_api_version_does_not_show_the_web_site() -> None:
    estate = estate_of(UnitKind.SUBSCRIPTION, one(account(**REFUSES)))
    service = {"id": f"{ID}/blobServices/default", "properties": {}}
    estate.add_documents("blob_services", ID, [service], api_version="2025-06-01")
    remarks = judge_estate(control(PUBLIC), estate)[ID].verdict.remarks
    assert remarks == ("Could not check whether the account serves a static web site",)
