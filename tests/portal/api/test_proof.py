"""If a page asks for re-authentication before an action, the API requires a short-lived token for the action."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from portal.accounts.actions.api_tokens import DECIDING, OF_THE_API
from portal.api.contract_file import FILE
from tests.portal.accounts.sign_in.forms_without_proof import WITHOUT_PROOF
from tests.portal.api.addresses import address_of, addresses
from tests.portal.api.conftest import Api
from tests.portal.api.page_actions import OPERATIONS
from tests.portal.web.world import World

pytestmark = pytest.mark.django_db

ONLY_READS: Final = {"preview_owner_rule"}
"""Operations with POST that change nothing."""


def _posts() -> dict[str, tuple[str, Any]]:
    """Return {operation: (address, example of its body)} of the operations with POST."""
    found = {}
    for path, methods in json.loads(FILE.read_text(encoding="utf-8"))["paths"].items():
        for method, one in methods.items():
            if method == "post":
                content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
                examples = list(content.get("examples", {}).values())
                found[one["operationId"]] = (path, examples[0]["value"] if examples else {})
    return found


def _without_names(path: str) -> str:
    return re.sub(r"[{<][^}>]*[}>]", "{}", path)


@pytest.mark.slow(seconds=1)
def test_a_token_that_is_valid_for_a_year_does_nothing_for_which_pages_ask(world: World, api: Api) -> None:
    long = api("organization_administrator", capabilities=[one for one in OF_THE_API if one not in DECIDING])
    patterns = {_without_names(f"/api/{one.pattern}"): one for one in addresses().values()}
    changes, tried = _posts(), set()
    for page, names in OPERATIONS.items():
        for name in set(names.split()) & changes.keys() - ONLY_READS if page not in WITHOUT_PROOF else ():
            path, body = changes[name]
            address = address_of(patterns[_without_names(path)], world, world.home)
            answer = long.post(address, body, content_type="application/json", headers={"If-Match": '"0"'})
            assert answer.status_code == 403, (page, name, answer.content)
            tried.add(name)
    assert len(tried) > 100
