"""directoryObjects/getByIds: objects with type and name, deleted objects, the filter by type, and refusals."""

from typing import Any

import requests

from tests.sandbox import estates as e
from tests.sandbox.running import Running

PATH = "/v1.0/directoryObjects/getByIds"
FIRST, SECOND = (f"a0000000-0000-0000-0000-00000000000{number}" for number in (1, 2))
DELETED = "d0000000-0000-0000-0000-000000000001"


def ask(served: Running, body: Any, number: int = 0) -> requests.Response:
    headers = {"Authorization": f"Bearer {served.token(e.TENANT, number)}"}
    return served.http.post(served.url + PATH, json=body, headers=headers)


def test_objects_are_returned_with_type_and_name_and_deleted_ones_left_out(served: Running) -> None:
    answer = ask(served, {"ids": [FIRST.upper(), DELETED, SECOND, FIRST]})
    assert answer.status_code == 200
    assert answer.json()["value"] == [
        {
            "@odata.type": "#microsoft.graph.user",
            "id": identifier,
            "displayName": f"User {number}",
            "userPrincipalName": f"user{number}@example.org",
        }
        for number, identifier in ((1, FIRST), (2, SECOND))
    ]


def test_types_narrow_the_answer(served: Running) -> None:
    assert ask(served, {"ids": [FIRST], "types": ["group"]}).json()["value"] == []
    assert len(ask(served, {"ids": [FIRST], "types": ["user", "group"]}).json()["value"]) == 1


def test_an_application_without_any_directory_right_is_refused(served: Running) -> None:
    answer = served.http.post(served.url + PATH, json={"ids": [FIRST]})
    assert answer.status_code == 401
    allowed = ask(served, {"ids": [FIRST]}, number=1)
    assert (allowed.status_code, allowed.json()["value"][0]["displayName"]) == (200, "User 1")


def test_invalid_bodies_are_refused(served: Running) -> None:
    bodies: list[Any] = [{"ids": ["x"]}, {"ids": "x"}, {}, [], {"ids": [FIRST] * 1001}]
    for body in bodies:
        answer = ask(served, body)
        assert answer.status_code == 400, body
        assert set(answer.json()["error"]) == {"code", "message", "innerError"}


def test_other_posts_stay_refused(served: Running) -> None:
    headers = {"Authorization": f"Bearer {served.token(e.TENANT)}"}
    answer = served.http.post(f"{served.url}/v1.0/users", json={}, headers=headers)
    assert answer.status_code == 403
