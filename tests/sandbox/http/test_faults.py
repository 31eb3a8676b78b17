"""Deliberate faults: their effects on requests. The same seed always chooses the same faults."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.http.faults import FaultError, Faults, check_fault, parse_faults
from tests.for_each import for_each
from tests.sandbox import estates as e
from tests.sandbox.running import VERSION, Running, running, write_estate

ACCOUNTS = f"{e.S}/providers/Microsoft.Storage/storageAccounts"
REQUESTS = [f"GET /subscriptions/{n}?api-version=1" for n in range(400)]


def faults_met(seed: int, requests: list[str], **faults: float) -> dict[str, list[str | None]]:
    plan = Faults(seed, faults)
    found: dict[str, list[str | None]] = {}
    for request in requests:
        found.setdefault(request, []).append(plan.fault_for(request))
    return found


def test_only_the_seed_determines_the_faults() -> None:
    faults = {"500": 0.1, "reset": 0.1}
    twice = REQUESTS * 2
    first = faults_met(1, twice, **faults)
    assert faults_met(1, twice, **faults) == first
    assert faults_met(1, REQUESTS + REQUESTS[::-1], **faults) == first, (
        "the order of other requests must not matter"
    )
    assert faults_met(2, twice, **faults) != first


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 0, 0), (0.25, 60, 140), (1, 400, 400)])
def test_faults_occur_at_their_rates(rate: float, least: int, most: int) -> None:
    hits = sum(answers == ["503"] for answers in faults_met(7, REQUESTS, **{"503": rate}).values())
    assert least <= hits <= most


def test_a_burst_lasts_three_requests() -> None:
    request = REQUESTS[0]
    answers = faults_met(3, [request] * 400, burst=0.02)[request]
    begins = [n for n in range(1, 400) if answers[n] == "503" and answers[n - 1] is None]
    assert len(begins) > 2
    assert all(answers[n : n + 3] == ["503"] * 3 for n in begins if n < 397)


def test_login_faults_affect_only_sign_in() -> None:
    plan = Faults(0, {"login": 1})
    assert (plan.fault_for("POST /t", login=True), plan.fault_for("GET /s")) == ("503", None)
    assert Faults(0, {"500": 1}).fault_for("POST /t", login=True) is None


@for_each(
    ("text", "message"),
    [
        ("500", "expected KIND=RATE"),
        ("500=x", "not a number"),
        ("500=1.5", "from 0 to 1"),
        ("500=nan", "from 0 to 1"),
        ("200=0.5", "unknown"),
        ("flood=0.5", "unknown"),
        ("expire-tokens=0", "whole number"),
        ("expire-tokens=1.5", "whole number"),
        ("expire-tokens=inf", "whole number"),
    ],
)
def test_invalid_faults_are_refused(text: str, message: str) -> None:
    with pytest.raises(FaultError, match=message):
        parse_faults([text])


def test_rates_must_be_numbers() -> None:
    with pytest.raises(FaultError, match="not a number"):
        check_fault("500", None)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Iterator[Running]:
    file = write_estate(tmp_path_factory.mktemp("faults") / "main.jsonl", e.main_estate())
    with running(state, file, "--no-throttle", "--seed", "5", "--fault", "500=1") as sandbox:
        yield sandbox


def test_faults_can_be_set_by_option(faulty: Running) -> None:
    answer = faulty.get(ACCOUNTS, e.TENANT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalServerError")


@pytest.mark.parametrize(
    ("status", "code"), [(429, "TooManyRequests"), (503, "ServiceUnavailable"), (502, "InternalServerError")]
)
def test_status_faults_are_served(faulty: Running, status: int, code: str) -> None:
    faulty.set_faults(**{str(status): 1})
    for path in (ACCOUNTS, "/v1.0/users"):
        answer = faulty.get(path, e.TENANT)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert ("Retry-After" in answer.headers) is (status == 429)


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_connection_faults_break_the_connection(faulty: Running, kind: str) -> None:
    faulty.set_faults(**{kind: 1})
    faulty.reset_counts()
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        faulty.get(ACCOUNTS, e.TENANT)
    assert faulty.request_counts() == {("GET", ACCOUNTS, 0 if kind == "reset" else 200): 1}


def test_json_faults_break_the_body(faulty: Running) -> None:
    faulty.set_faults(**{"invalid-json": 1})
    answer = faulty.get(ACCOUNTS, e.TENANT)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_slow_bodies_are_complete(faulty: Running) -> None:
    faulty.set_faults(slow=1)
    begin = time.monotonic()
    answer = faulty.get(ACCOUNTS, e.TENANT)
    assert time.monotonic() - begin > 1
    assert len(answer.json()["value"]) == e.ACCOUNTS


def test_tokens_expire_after_a_number_of_uses(faulty: Running) -> None:
    faulty.set_faults(**{"expire-tokens": 2})
    token = faulty.sign_in(e.TENANT, e.ALL, client_secret="s3cret").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answers = [faulty.http.get(faulty.url + ACCOUNTS, params=VERSION, headers=headers) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 401]
    assert answers[2].json()["error"]["code"] == "ExpiredAuthenticationToken"
    assert "The access token has expired" in answers[2].headers["WWW-Authenticate"]


def test_faults_set_at_run_time_are_validated(faulty: Running) -> None:
    faulty.set_faults()
    url = f"{faulty.url}/_sandbox/faults"
    assert faulty.http.post(url, json={"flood": 1}).status_code == 400
    assert faulty.http.post(url, data="[]").status_code == 400
    assert faulty.http.post(url, data="{").status_code == 400
    assert faulty.http.get(url).json() == {}
    assert faulty.get(ACCOUNTS, e.TENANT).status_code == 200


@pytest.mark.slow(seconds=1)
def test_two_runs_with_the_same_seed_get_the_same_faults(tmp_path: Path, state: Path) -> None:
    file = write_estate(tmp_path / "main.jsonl", e.main_estate())
    paths = [line["id"] for line in e.main_estate() if "id" in line]

    def statuses(seed: str, order: int) -> dict[str, int]:
        with running(state, file, "--no-throttle", "--seed", seed, "--fault", "500=0.3") as sandbox:
            return {path: sandbox.get(path, e.TENANT).status_code for path in paths[::order]}

    first = statuses("1", 1)
    assert set(first.values()) == {200, 500}
    assert statuses("1", -1) == first
    assert statuses("2", 1) != first


@pytest.mark.slow(seconds=1)
def test_latency_and_token_lifetime_can_be_set(tmp_path: Path, state: Path) -> None:
    file = write_estate(tmp_path / "main.jsonl", e.main_estate())
    with running(state, file, "--latency-ms", "120", "--token-lifetime", "1") as sandbox:
        begin = time.monotonic()
        answer = sandbox.sign_in(e.TENANT, e.ALL, client_secret="s3cret")
        assert time.monotonic() - begin >= 0.12
        assert answer.json()["expires_in"] == 1
        time.sleep(1.1)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        refused = sandbox.http.get(sandbox.url + ACCOUNTS, params=VERSION, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "ExpiredAuthenticationToken")
