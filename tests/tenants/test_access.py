"""Fetching an object by id raises 404 for a foreign, missing or malformed id, and 403 for a missing capability."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db.models import Model
from django.http import Http404

from tenants import access
from tenants.errors import NoScope, NotFound, PermissionDenied
from tenants.models import Directory, Membership, Organization, ServicePrincipal, Subscription, Tenant
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role, roles_with
from tenants.scope import person_scope, tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.slow(seconds=1)
def test_every_role_and_capability() -> None:
    """Check each role with each capability, on an object of a tenant in which the person has the role."""
    directory = factories.directory()
    tenant = directory.tenant
    for role in Role:
        place = tenant.organization if role in ORGANIZATION_ROLES else tenant
        with person_scope(factories.member(role, place)):
            for needs in Capability:
                if needs in CAPABILITIES[role]:
                    assert access.get(Directory, directory.pk, needs=needs) == directory
                    assert access.tenant(tenant.slug, needs=needs) == tenant
                    assert list(access.tenants(needs=needs)) == [tenant]
                    access.require(needs, tenant_id=tenant.pk)
                else:
                    with pytest.raises(PermissionDenied, match=needs.label):
                        access.get(Directory, directory.pk, needs=needs)
                    with pytest.raises(PermissionDenied):
                        access.tenant(tenant.slug, needs=needs)
                    with pytest.raises(PermissionDenied):
                        access.require(needs, tenant_id=tenant.pk)
                    assert list(access.tenants(needs=needs)) == []


def test_roles_that_approve_and_administer() -> None:
    """List the roles that may approve, administer or only view, so that nobody changes them by accident."""
    assert roles_with(Capability.APPROVE) == (Role.APPROVER,)
    assert roles_with(Capability.MEMBERS) == (Role.ORGANIZATION_ADMINISTRATOR, Role.TENANT_ADMINISTRATOR)
    assert roles_with(Capability.VIEW) == tuple(Role)
    writes = {Capability.ASSESS, Capability.TREAT, Capability.ADMINISTER, Capability.APPROVE}
    assert not CAPABILITIES[Role.AUDITOR] & writes


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("model", [Directory, ServicePrincipal, Subscription, Tenant, Membership])
def test_object_of_another_tenant_is_not_found(role: Role, model: type[Model]) -> None:
    mine, foreign = factories.tenant(), factories.directory()
    subscription = factories.subscription(factories.service_principal(foreign))
    factories.member(Role.OWNER, foreign.tenant)
    with tenant_scope(foreign.tenant_id):
        pk = model._default_manager.values_list("pk", flat=True).first()
    assert pk is not None
    assert subscription.tenant_id == foreign.tenant_id
    person = factories.member(role, mine.organization if role in ORGANIZATION_ROLES else mine)
    with person_scope(person):
        with pytest.raises(NotFound):
            access.get(model, pk, needs=Capability.VIEW)
        with pytest.raises(NotFound):
            access.tenant(foreign.tenant.slug, needs=Capability.VIEW)
        with pytest.raises(NotFound):
            access.organization(foreign.tenant.organization.slug, needs=Capability.VIEW)
        with pytest.raises(NotFound):
            access.require(Capability.VIEW, tenant_id=foreign.tenant_id)


@pytest.mark.parametrize(
    "pk",
    [
        "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40",
        "",
        "1",
        1,
        None,
        "x" * 5000,
        "\x00",
        "../../etc",
        b"x",
        "é",
        "0" * 31 + "g",
    ],
)
def test_missing_or_malformed_id_is_not_found(pk: object) -> None:
    with person_scope(factories.member(Role.OWNER, factories.tenant())):
        with pytest.raises(NotFound) as caught:
            access.get(Directory, pk, needs=Capability.VIEW)
        with pytest.raises(NotFound):
            access.tenant(pk, needs=Capability.VIEW)
    assert "x" * 5000 not in str(caught.value)


def test_foreign_and_missing_objects_have_the_same_message() -> None:
    foreign = factories.directory()
    with person_scope(factories.member(Role.OWNER, factories.tenant())):
        messages = set()
        for pk in (foreign.pk, uuid4(), "nonsense"):
            with pytest.raises(NotFound) as caught:
                access.get(Directory, pk, needs=Capability.VIEW)
            messages.add((caught.value.code, caught.value.message))
    assert len(messages) == 1


def test_django_maps_the_errors_to_404_and_403() -> None:
    assert issubclass(NotFound, Http404)
    assert issubclass(PermissionDenied, DjangoPermissionDenied)


def test_organization_needs_an_organization_role() -> None:
    tenant = factories.tenant()
    slug = tenant.organization.slug
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with person_scope(administrator):
        assert access.organization(slug, needs=Capability.ORGANIZATION) == tenant.organization
        held = Membership.objects.get(person=administrator)
        assert access.get(Membership, held.pk, needs=Capability.MEMBERS) == held
    with person_scope(factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)):
        assert access.organization(slug, needs=Capability.REGISTER) == tenant.organization
        with pytest.raises(PermissionDenied):
            access.organization(slug, needs=Capability.ORGANIZATION)
    with person_scope(factories.member(Role.TENANT_ADMINISTRATOR, tenant)):
        # A customer can see its provider and the provider's people with access, but cannot change them.
        assert Organization.objects.get() == tenant.organization
        with pytest.raises(PermissionDenied):
            access.organization(slug, needs=Capability.VIEW)
        with pytest.raises(PermissionDenied):
            access.get(Membership, held.pk, needs=Capability.MEMBERS)


def test_queryset_filters_the_objects() -> None:
    directory = factories.directory()
    with person_scope(factories.member(Role.OWNER, directory.tenant)):
        other = Directory.objects.exclude(pk=directory.pk)
        with pytest.raises(NotFound):
            access.get(Directory, directory.pk, needs=Capability.VIEW, queryset=other)


def test_access_needs_the_scope_of_a_person() -> None:
    tenant = factories.tenant()
    with pytest.raises(NoScope):
        access.get(Tenant, tenant.pk, needs=Capability.VIEW)
    with tenant_scope(tenant.pk), pytest.raises(NoScope, match="person"):
        access.get(Tenant, tenant.pk, needs=Capability.VIEW)
