"""An independent client of OAuth 2.0, and the command line with a client secret, against a running server."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import requests
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from portal.accounts.actions.service_credentials import create_client_secret, revoke_client_secret
from portal.accounts.models import AccountMail, ApiToken, ClientSecret
from surety_cli.client_credentials import ClientCredentials
from surety_cli.connection import client_for, send
from surety_cli.settings import Login
from surety_client.api.token import get_token
from tenants.scope import organization_scope, person_scope
from tests.cli.conftest import Surety
from tests.portal.web.world import World

RIGHTS = ["view", "view_all", "assess"]


def secret_of(world: World) -> tuple[str, ClientSecret, str]:
    """Return the client id of the service account in `World`, a new client secret, and the secret's text."""
    administrator, account = (
        world.people["organization_administrator"],
        world.of(world.home)["service_account"],
    )
    with person_scope(administrator):
        secret, text = create_client_secret(
            by=administrator, account=account, name="Pipeline", days=30, capabilities=RIGHTS
        )
    # Delete the mail about the new secret, which is encrypted with the keys of this test. A later test with a worker
    # has other keys, and could not decrypt the mail.
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
    # Permit http, because the test's server has no certificate.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
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


@pytest.mark.slow(seconds=1)
def test_surety_requests_and_renews_tokens_by_itself(
    world: World, live_server: Any, surety: Surety, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id, secret, text = secret_of(world)
    wrong = surety("login", "--server", live_server.url, "--client-id", client_id, stdin="surety_ocs_wrong\n")
    assert (wrong.status, wrong.out) == (3, "")
    assert "wrong, expired or revoked" in wrong.err
    assert not home.exists()

    done = surety("login", "--server", live_server.url, "--client-id", client_id, stdin=f"{text}\n")
    assert (done.status, done.err) == (0, "")
    assert "Ticket system (service account), with the client secret “Pipeline”" in done.out
    stored = home / "surety" / "login.json"
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert json.loads(stored.read_text()) == {
        "server": live_server.url, "client_id": client_id, "client_secret": text,
    }  # fmt: skip
    shown = surety("customers")
    assert (shown.status, world.home.slug in shown.out) == (0, True), shown.err
    elsewhere = surety("customers", "--server", "http://127.0.0.1:1")
    assert (elsewhere.status, "No token is known for http://127.0.0.1:1" in elsewhere.err) == (2, True)

    def tokens(**values: Any) -> int:
        """Return the number of access tokens of the client secret. If values are given, also set them in all tokens."""
        with organization_scope(world.organization):
            rows = ApiToken.objects.filter(client_secret=secret)
            return rows.update(**values) if values else rows.count()

    before, client = tokens(), client_for(Login(live_server.url, "", "", client_id, text))
    for _ in range(2):
        send(lambda: get_token.sync_detailed(client=client))
    assert tokens() == before + 1
    tokens(revoked_at=secret.created_at)
    send(lambda: get_token.sync_detailed(client=client))
    assert tokens() == before + 2
    auth = client.get_httpx_client().auth
    assert isinstance(auth, ClientCredentials)
    monkeypatch.setattr(auth, "_ends", 0.0)  # Let the token count as expired.
    send(lambda: get_token.sync_detailed(client=client))
    assert tokens() == before + 3

    assert surety("logout").status == 0
    monkeypatch.setenv("SURETY_SERVER", live_server.url)
    monkeypatch.setenv("SURETY_CLIENT_ID", client_id)
    assert "Set both SURETY_CLIENT_ID and SURETY_CLIENT_SECRET." in surety("customers").err
    monkeypatch.setenv("SURETY_CLIENT_SECRET", text)
    assert json.loads(surety("whoami", "--format", "json").out)["capabilities"] == RIGHTS
    revoke(world, secret)
    ended = surety("customers")
    assert (ended.status, "wrong, expired or revoked" in ended.err) == (3, True)
    assert text not in done.out + shown.out + wrong.err + ended.err
