"""A file that is being applied does not block work that only refers to the locked rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.configuration.locks import lock_for
from portal.configuration.steps import Kind, Step
from portal.notify.models import Channel, Post
from tenants.scope import person_scope, tenant_scope
from tests.portal.configuration.conftest import ConfiguredCustomer


@pytest.mark.django_db(transaction=True)
def test_posts_to_a_locked_channel_can_be_stored(configured: ConfiguredCustomer) -> None:
    """When a transaction that stores a post commits, PostgreSQL checks the foreign key to the channel. The transaction
    can hold the journal's lock. If it had to wait for the channel, it could deadlock with the transaction that applies
    the file.
    """
    with tenant_scope(configured.tenant.pk):
        channel = Channel.objects.get()

    def store() -> int:
        try:
            with tenant_scope(configured.tenant.pk):
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '3s'")
                now = timezone.now()
                given = {"kind": "mentioned", "key": "k", "payload": {}, "created_at": now, "due_at": now}
                Post.objects.create(tenant=configured.tenant, channel=channel, **given)
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                return Post.objects.count()
        finally:
            connection.close()

    step = Step("Contoso", 1, Kind.CHANGE, "Channel: other name", None, rows=(channel,))
    with person_scope(configured.admin), transaction.atomic(), ThreadPoolExecutor(1) as pool:
        lock_for([step], configured.organization)
        assert pool.submit(store).result(30) == 1
