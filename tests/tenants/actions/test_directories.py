"""Adding directories, with the endpoints of their cloud."""

from uuid import uuid4

import pytest

from tenants import actions
from tenants.clouds import Cloud
from tenants.errors import Conflict, InvalidInput
from tenants.models import Directory
from tests import factories
from tests.factories import BY, in_tenant
from tests.tenants.actions.journal import journal_of

pytestmark = pytest.mark.django_db


def test_directory_is_stored_once_in_lower_case() -> None:
    identifier = str(uuid4())
    directory = factories.directory(directory_id=f" {identifier.upper()} ")
    assert directory.directory_id == identifier
    assert directory.cloud.name == "AzureCloud"
    with in_tenant(directory.tenant), pytest.raises(Conflict) as caught:
        actions.add_directory(by=BY, tenant=directory.tenant, directory_id=identifier, name="again")
    assert "directory_id" in caught.value.fields
    assert factories.directory(directory_id=identifier).tenant != directory.tenant
    assert journal_of(directory.tenant)[-1] == "directory.added"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "contoso.onmicrosoft.com",
        "{}",
        "7d1f0a529c1e4f0b8a352f6a1c9b7e40",
        "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e4",
        "é" * 36,
    ],
)
def test_invalid_guid_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        factories.directory(directory_id=value)
    assert caught.value.code == "guid_invalid"


def test_custom_cloud_is_stored_with_its_endpoints() -> None:
    local = dict.fromkeys(("authority", "arm", "graph"), "https://localhost:8443")
    directory = factories.directory(cloud="custom", cloud_settings=local)
    with in_tenant(directory.tenant):
        cloud = Directory.objects.get(pk=directory.pk).cloud
    assert cloud == Cloud(name="custom", arm_scope="https://localhost:8443/.default", **local)
