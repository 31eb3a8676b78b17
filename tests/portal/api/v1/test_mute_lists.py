"""A mute list of Prowler is previewed and imported with the API."""

from __future__ import annotations

import pytest

from tests.portal.api.conftest import Api
from tests.portal.mute_lists.lists import mute_list
from tests.portal.web.exceptions.mute_lists import LIST, failing, requested
from tests.portal.web.treatments import day
from tests.portal.web.world import World


@pytest.mark.slow(seconds=1)
def test_the_api_previews_and_requests(world: World, api: Api) -> None:
    client = api()
    url = f"/api/v1/customers/{world.home.slug}/exceptions/mute-list"
    content = mute_list(LIST).decode()
    preview = client.post(url, {"content": content}, content_type="application/json")
    assert preview.status_code == 200, preview.content
    body = preview.json()
    assert body["exceptions"] == []
    assert [one["matching"] > 0 for one in body["entries"]] == [True, False, False, False]
    assert set(body["entries"][0]["sample"]) == {str(row.pk) for row in failing(world)}
    assert requested(world) == []
    terms = {"content": content, "digest": body["digest"], "ends_at": f"{day(30)}T00:00:00Z", "entries": [1]}
    for missing in ("ends_at", "entries"):
        values = {name: value for name, value in terms.items() if name != missing}
        refused = client.post(url, values, content_type="application/json")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, missing)
    done = client.post(url, terms, content_type="application/json")
    assert done.status_code == 200, done.content
    (found,) = requested(world)
    assert done.json()["exceptions"] == [{"number": found.number, "id": str(found.pk)}]
    stale = client.post(url, terms, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    bad = client.post(url, {"content": "Mutelist: &a 1"}, content_type="application/json")
    assert (bad.status_code, bad.json()["code"]) == (400, "file_unusable")
