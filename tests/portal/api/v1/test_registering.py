"""Programs register and change customers in the same way as the pages. No answer contains a credential."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest

from portal.accounts.actions.idempotency_keys import delete_old_keys
from portal.accounts.models import IdempotencyKey
from tenants.models import Registration, ServicePrincipal, Subscription, Tenant
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role
from tenants.scope import organization_scope
from tests import factories
from tests.for_each import for_each
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.files.pfx_files import PASSPHRASE, pfx
from tests.portal.web.world import World

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CUSTOMERS = "/api/v1/customers"
SECRET = "the-Secret~of.this.test"
PFX = base64.b64encode(pfx()).decode()


def customer(**given: Any) -> dict[str, Any]:
    return {"name": "Fabrikam", "directory_id": DIRECTORY, **given}


def registered(world: World) -> list[str]:
    with organization_scope(world.organization):
        return list(Tenant.objects.filter(name__startswith="Fabrikam").values_list("name", flat=True))


def test_customer_is_registered_as_on_the_page(world: World, api: Api) -> None:
    client = api()
    body = customer(cloud="AzureUSGovernment", time_zone="America/New_York")
    made = post(client, CUSTOMERS, body)
    assert made.status_code == 201, made.content
    assert made.headers["Location"] == f"{CUSTOMERS}/fabrikam"
    got = client.get(made.headers["Location"])
    assert (got.json(), got.headers["ETag"]) == (made.json(), made.headers["ETag"])
    assert (got.json()["time_zone"], got.json()["name"]) == ("America/New_York", "Fabrikam")
    (directory,) = client.get(f"{CUSTOMERS}/fabrikam/directories").json()["items"]
    assert (directory["directory_id"], directory["cloud"]) == (DIRECTORY, "AzureUSGovernment")
    with organization_scope(world.organization):
        row = Registration.objects.get(tenant__slug="fabrikam")
    assert (row.step, row.started_by_id) == ("permissions", world.people["organization_engineer"].pk)
    again = post(client, CUSTOMERS, customer(name="Fabrikam 2"))
    assert (again.status_code, again.json()["code"]) == (409, "directory_registered")
    assert registered(world) == ["Fabrikam"]


def test_repeated_registration_registers_once(world: World, api: Api) -> None:
    client = api()
    first = post(client, CUSTOMERS, customer(), **{"Idempotency-Key": "k"})
    again = post(client, CUSTOMERS, customer(), **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 201), again.content
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    other = post(client, CUSTOMERS, customer(name="Fabrikam 2"), **{"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert registered(world) == ["Fabrikam"]
    # A refused registration does not use up its key.
    taken = post(client, CUSTOMERS, customer(name="Fabrikam 3"), **{"Idempotency-Key": "l"})
    assert taken.status_code == 409
    body = customer(name="Fabrikam 3", directory_id=DIRECTORY.replace("7", "8"))
    assert post(client, CUSTOMERS, body, **{"Idempotency-Key": "l"}).status_code == 201
    assert delete_old_keys() == 0


def test_right_to_register_suffices_to_register(world: World, api: Api) -> None:
    client = api(capabilities=[Capability.REGISTER])
    made = post(client, CUSTOMERS, customer(), **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    assert made.json()["capabilities"] == ["register"]
    again = post(client, CUSTOMERS, customer(), **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json()) == (201, made.json())
    assert client.get(made.headers["Location"]).status_code == 403
    assert registered(world) == ["Fabrikam"]


@pytest.mark.slow(seconds=1)
@for_each(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"directory_id": "contoso.onmicrosoft.com"}, "directory_id"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"cloud": "Mars"}, "cloud"),
        ({"cloud": "custom"}, "endpoints.authority"),
        ({"endpoints": {"authority": "https://a", "arm": "https://b", "graph": "https://c"}}, "endpoints"),
        (
            {
                "cloud": "custom",
                "endpoints": {"authority": "http://login.local", "arm": "https://b", "graph": "https://c"},
            },
            "endpoints.authority",
        ),
        (
            {
                "cloud": "custom",
                "endpoints": {
                    "authority": "https://a",
                    "arm": "https://b",
                    "graph": "https://c",
                    "ca": "/etc/passwd",
                },
            },
            "endpoints.ca",
        ),
        ({"slug": "x"}, "slug"),
    ],
)
def test_invalid_customer_registers_nothing(
    world: World, api: Api, given: dict[str, Any], field: str
) -> None:
    refused = post(api(), CUSTOMERS, customer(**given))
    assert refused.status_code == 400, refused.content
    assert field in [one["field"] for one in refused.json()["errors"]], refused.content
    assert registered(world) == []


def test_only_tokens_with_the_right_in_the_organization_register(world: World, api: Api) -> None:
    for role in Role:
        may = role in ORGANIZATION_ROLES and Capability.REGISTER in CAPABILITIES[role]
        # The name is invalid. 403 instead of 400 shows that the right is checked before the name.
        assert post(api(str(role)), CUSTOMERS, customer(name="")).status_code == (400 if may else 403), role
    limited = api("organization_administrator", tenants=[world.home])
    assert post(limited, CUSTOMERS, customer()).status_code == 403
    without = api("organization_administrator", capabilities=["view", "view_all", "administer"])
    assert post(without, CUSTOMERS, customer()).status_code == 403
    assert registered(world) == []


# For each change: its address below a customer, the address of the object that is read first, the right and a
# body.
CHANGES: dict[str, tuple[str, str, Capability, dict[str, Any]]] = {
    "change_customer": ("", "", Capability.ADMINISTER, {"labels": ["gold", "silver"]}),
    "set_schedule": ("/schedule", "/schedule", Capability.ASSESS, {"schedule": "daily 06:00"}),
    "exclude": (
        "/subscriptions/{subscription}/exclude",
        "/subscriptions/{subscription}",
        Capability.ADMINISTER,
        {"reason": "Sandbox"},
    ),
    "include": (
        "/subscriptions/{subscription}/include",
        "/subscriptions/{subscription}",
        Capability.ADMINISTER,
        {},
    ),
    "credential": (
        "/service-principals/{principal}/credential",
        "/service-principals/{principal}",
        Capability.ADMINISTER,
        {"secret": SECRET},
    ),
    "disable": (
        "/service-principals/{principal}/disable",
        "/service-principals/{principal}",
        Capability.ADMINISTER,
        {},
    ),
    "enable": (
        "/service-principals/{principal}/enable",
        "/service-principals/{principal}",
        Capability.ADMINISTER,
        {},
    ),
    "remove": (
        "/service-principals/{principal}/remove",
        "/service-principals/{principal}",
        Capability.ADMINISTER,
        {},
    ),
}


def below(world: World, path: str, tenant: Tenant | None = None) -> str:
    own = world.of(world.home)
    ids = {name: own[name].pk for name in ("subscription", "principal")}
    return f"{CUSTOMERS}/{(tenant or world.home).slug}" + path.format(**ids)


@pytest.mark.slow(seconds=1)
@for_each("name", CHANGES)
def test_changes_need_their_right_and_what_was_read(world: World, api: Api, name: str) -> None:
    path, _, needed, body = CHANGES[name]
    for role in Role:
        answer = post(api(str(role)), below(world, path), body)
        expected = 428 if needed in CAPABILITIES[role] else 403
        assert answer.status_code == expected, (role, answer.content)
    client = api()
    stale = post(client, below(world, path), body, **{"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    foreign = post(client, below(world, path, world.foreign), body, **{"If-Match": '"0"'})
    assert foreign.status_code == 404
    if "{" in path:
        theirs = path.replace("{subscription}", "{0}").replace("{principal}", "{0}").format(world.foreign_id)
        address = f"{CUSTOMERS}/{world.home.slug}{theirs}"
        assert post(client, address, body, **{"If-Match": '"0"'}).status_code == 404


def test_customer_is_changed_in_parts(world: World, api: Api) -> None:
    client, address = api(), below(world, "")
    before = client.get(address)
    etag = before.headers["ETag"]
    now = post(client, address, {"labels": ["Silver", "silver", "gold"]}, **{"If-Match": etag})
    assert (now.status_code, now.json()["labels"]) == (200, ["Silver", "gold"]), now.content
    assert now.json() | {"labels": before.json()["labels"]} == before.json()
    lost = post(client, address, {"name": "Mine"}, **{"If-Match": etag})
    assert (lost.status_code, lost.json()["code"]) == (412, "changed_meanwhile")
    renamed = changed(client, address, {"name": "Alder", "time_zone": "Asia/Tokyo"})
    assert (renamed.json()["name"], renamed.json()["time_zone"]) == ("Alder", "Asia/Tokyo")
    assert client.get(address).headers["ETag"] == renamed.headers["ETag"]
    wrong = changed(client, address, {"time_zone": "Mars/Olympus"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "time_zone")
    assert changed(client, address, {"labels": ["a,b"]}).json()["errors"][0]["field"] == "labels"


def test_schedule_is_set(world: World, api: Api) -> None:
    client, address = api(), below(world, "/schedule")
    now = changed(client, address, {"schedule": "Sat,sun 2:00 within 60"})
    assert (now.status_code, now.json()["schedule"]) == (200, "Sat,Sun 02:00 within 60"), now.content
    assert now.json()["next_at"] is not None
    assert client.get(address).headers["ETag"] == now.headers["ETag"]
    wrong = changed(client, address, {"schedule": "sometimes"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "schedule")
    assert changed(client, address, {"schedule": "off"}).json()["next_at"] is None


@pytest.mark.slow(seconds=1)
def test_subscription_is_excluded_with_a_reason_and_included(world: World, api: Api) -> None:
    client, address = api(), below(world, "/subscriptions/{subscription}")
    nothing = changed(client, f"{address}/exclude", {"reason": " "}, read=address)
    assert (nothing.status_code, nothing.json()["errors"][0]["field"]) == (400, "reason")
    past = changed(
        client, f"{address}/exclude", {"reason": "x", "until": "2001-01-01T00:00:00Z"}, read=address
    )
    assert (past.status_code, past.json()["errors"][0]["field"]) == (400, "until")
    body = {"reason": "Sandbox", "until": "2099-01-01T00:00:00Z"}
    now = changed(client, f"{address}/exclude", body, read=address)
    assert (now.status_code, now.json()["situation"]) == (200, "excluded"), now.content
    assert (now.json()["exclusion_reason"], now.json()["excluded_until"]) == ("Sandbox", body["until"])
    again = changed(client, f"{address}/include", read=address)
    assert (again.json()["situation"], again.json()["exclusion_reason"]) == ("included", "")
    with factories.in_tenant(world.home):
        row = Subscription.objects.get(pk=world.of(world.home)["subscription"].pk)
        row.state = Subscription.DELETED
        row.save(update_fields=["state"])
    refused = changed(client, f"{address}/exclude", {"reason": "Sandbox"}, read=address)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_choosable")


def test_service_principal_is_disabled_enabled_and_removed(world: World, api: Api) -> None:
    client, address = api(), below(world, "/service-principals/{principal}")
    assert changed(client, f"{address}/disable", read=address).json()["disabled_at"] is not None
    assert changed(client, f"{address}/enable", read=address).json()["disabled_at"] is None
    etag = client.get(address).headers["ETag"]
    gone = post(client, f"{address}/remove", **{"If-Match": etag})
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(address).status_code == 404
    with factories.in_tenant(world.home):
        assert not ServicePrincipal.objects.filter(pk=world.of(world.home)["principal"].pk).exists()


@pytest.mark.slow(seconds=1)
@for_each(
    ("given", "field"),
    [
        ({}, "secret"),
        ({"secret": SECRET, "certificate": "x"}, "secret"),
        ({"secret": "1d3a1b7e-6f0e-4f3c-9d52-6f9d3c9d7f10"}, "secret"),
        ({"certificate": "no PEM"}, "certificate"),
        ({"pfx": "no base64!"}, "pfx"),
        ({"pfx": base64.b64encode(b"0 no PFX").decode()}, "pfx"),
        ({"pfx": PFX, "passphrase": "wrong passphrase"}, "pfx"),
        ({"pfx": PFX, "certificate": "no PEM"}, "pfx"),
        ({"pfx": PFX, "passphrase": PASSPHRASE, "secret": SECRET}, "secret"),
        ({"secret": SECRET, "passphrase": PASSPHRASE}, "passphrase"),
        ({"secret": SECRET, "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"secret": SECRET, "client_id": "x"}, "client_id"),
        ({"secret": SECRET, "directory_id": "x"}, "directory_id"),
        ({"identity": "unknown"}, "identity"),
        ({"secret": SECRET, "starts_assessment": True}, "starts_assessment"),
    ],
)
def test_invalid_credential_names_the_field(
    world: World, api: Api, caplog: pytest.LogCaptureFixture, given: dict[str, Any], field: str
) -> None:
    body = {"client_id": "c0000000-0000-0000-0000-0000000000aa", **given}
    with caplog.at_level(logging.DEBUG):
        refused = post(api(), below(world, "/service-principals"), body)
    assert refused.status_code == 400, refused.content
    assert field in [one["field"] for one in refused.json()["errors"]], refused.content
    for secret in map(given.get, ("secret", "certificate", "pfx", "passphrase")):
        assert not secret or secret not in refused.content.decode() + caplog.text


def test_host_identity_needs_the_right_of_the_token(world: World, api: Api) -> None:
    """The worker that signs in checks only the rights of the person. So the request must check those of the token."""
    for limits in ({"capabilities": ["view", "view_all", "administer"]}, {"tenants": [world.home]}):
        client = api("organization_administrator", **limits)
        body = {"client_id": "c0000000-0000-0000-0000-0000000000aa", "identity": "host"}
        refused = post(client, below(world, "/service-principals"), body)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


@pytest.mark.slow(seconds=1)
def test_secret_is_in_no_answer_no_row_and_no_log(
    world: World, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    client, address = api(), below(world, "/service-principals")
    body = {"client_id": "c0000000-0000-0000-0000-0000000000aa", "secret": SECRET}
    with caplog.at_level(logging.DEBUG):
        asked = post(client, address, body, **{"Idempotency-Key": "k"})
        assert (asked.status_code, asked.json()["state"]) == (202, "waiting"), asked.content
        again = post(client, address, body, **{"Idempotency-Key": "k"})
        assert again.json() == asked.json() == client.get(asked.headers["Location"]).json()
        assert again.headers["Idempotency-Replayed"] == "true"
        other = post(client, address, body | {"secret": SECRET + "!"}, **{"Idempotency-Key": "k"})
        assert other.status_code == 422
        own = below(world, "/service-principals/{principal}")
        replaced = changed(client, f"{own}/credential", {"secret": SECRET}, read=own)
        assert (replaced.status_code, replaced.json()["service_principal"]) == (
            202,
            str(world.of(world.home)["principal"].pk),
        )
        from_file = changed(client, f"{own}/credential", {"pfx": PFX, "passphrase": PASSPHRASE}, read=own)
        assert (from_file.status_code, from_file.json()["state"]) == (202, "waiting"), from_file.content
        known = changed(client, f"{own}/check", read=own)
        assert (known.status_code, known.json()["state"]) == (202, "waiting")
    answers = (asked, again, other, replaced, from_file, known)
    for secret in (SECRET, PASSPHRASE, PFX, "PRIVATE KEY"):
        assert all(secret not in one.content.decode() + json.dumps(dict(one.headers)) for one in answers)
        assert secret not in caplog.text
    with factories.in_tenant(world.home):
        (key,) = IdempotencyKey.objects.values()
    assert SECRET not in str(key)


def test_sign_ins_of_another_customer_are_not_found(world: World, api: Api) -> None:
    other = factories.tenant(world.organization, "Second")
    factories.directory(other)
    client = api()
    body = {"client_id": "c0000000-0000-0000-0000-0000000000aa", "secret": SECRET}
    asked = post(client, f"{CUSTOMERS}/{other.slug}/service-principals", body)
    assert asked.status_code == 202, asked.content
    here = asked.headers["Location"].replace(other.slug, world.home.slug)
    assert client.get(here).status_code == 404
    assert api("auditor").get(below(world, "/sign-ins/{principal}")).status_code == 403
    nothing = client.get(below(world, "/service-principals/{principal}/preflight"))
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")
    started = post(client, below(world, "/service-principals/{principal}/preflight"))
    assert (started.status_code, started.json()["state"]) == (202, "waiting")
    assert client.get(started.headers["Location"]).json() == started.json()
