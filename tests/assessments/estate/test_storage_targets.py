"""Which accounts are queried for a static web site, and the resulting remarks."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.estate.estate import UnitKind
from assessments.estate.targets import accounts_with_possible_web_site
from tests.assessments.controls.judging import estate_of, judge
from tests.assessments.controls.storage.cases_storage import ID, PUBLIC, account, one, site

REFUSES: dict[str, Any] = {"allowBlobPublicAccess": False}


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (account(**REFUSES), True),
        (account("BlockBlobStorage", **REFUSES), True),
        (account("Storage", **REFUSES), False),
        (account("FileStorage", **REFUSES), False),
        (account(allowBlobPublicAccess=True), False),
        (account(), False),
        (account(**REFUSES, publicNetworkAccess="disabled"), False),
        (account(**REFUSES, publicNetworkAccess="SecuredByPerimeter"), False),
        (account(**REFUSES, networkAcls={"defaultAction": "deny"}), False),
        (account(**REFUSES, networkAcls=None), True),
    ],
)
def test_a_web_site_is_queried_only_if_it_could_be_public(body: dict[str, Any], asked: bool) -> None:
    estate = estate_of(UnitKind.SUBSCRIPTION, one(body))
    assert list(accounts_with_possible_web_site(estate)) == ([ID] if asked else [])


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
