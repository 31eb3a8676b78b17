"""An independent client of OAuth 2.0, and the command line with a client secret, against a running server."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from portal.accounts.actions.service_accounts import create_client_secret, revoke_client_secret
from portal.accounts.models import AccountMail, ClientSecret
from tenants.scope import person_scope
from tests.portal.web.world import World

RIGHTS = ["view", "view_all", "assess"]


def secret_of(world: World) -> tuple[str, ClientSecret, str]:
    """Return the client id of the service account of the world, and a new client secret."""
    administrator, account = (
        world.people["organization_administrator"],
        world.of(world.home)["service_account"],
    )
    with person_scope(administrator):
        secret, text = create_client_secret(
            by=administrator, account=account, name="Pipeline", days=30, capabilities=RIGHTS
        )
    # The mail is sealed with the present keys, which tests with a worker replace.
    AccountMail.objects.all().delete()
    return str(account.pk), secret, text


def revoke(world: World, secret: ClientSecret) -> None:
    administrator, account = (
        world.people["organization_administrator"],
        world.of(world.home)["service_account"],
    )
    with person_scope(administrator):
        revoke_client_secret(by=administrator, account=account, secret_id=secret.pk)


def test_requests_oauthlib_gets_uses_and_revokes_tokens(
    world: World, live_server: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # The test's server has no certificate.
    settings.SURETY_URL = live_server.url
    client_id, secret, text = secret_of(world)
    about = requests.get(f"{live_server.url}/.well-known/oauth-authorization-server", timeout=30).json()
    key = HTTPBasicAuth(client_id, text)
    customers = f"{live_server.url}/api/v1/customers"
    for given in ({"auth": key}, {"client_secret": text, "include_client_id": True}):
        session = OAuth2Session(client=BackendApplicationClient(client_id, scope=["view", "assess"]))
        token = session.fetch_token(about["token_endpoint"], **given)
        assert (token["scope"], token["expires_in"]) == (["view", "assess"], 3600)
        names = [one["short_name"] for one in session.get(customers, timeout=30).json()["items"]]
        assert world.home.slug in names
        assert world.foreign.slug not in names
    ended = requests.post(
        about["revocation_endpoint"], {"token": token["access_token"]}, auth=key, timeout=30
    )
    assert (ended.status_code, session.get(customers, timeout=30).status_code) == (200, 401)
    revoke(world, secret)
    with pytest.raises(InvalidClientError, match="wrong, expired or revoked"):
        session.fetch_token(about["token_endpoint"], auth=key)
