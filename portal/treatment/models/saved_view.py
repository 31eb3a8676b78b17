"""Saved views: a name for a set of filters of the findings page."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.protection import Protection


class SavedView(TenantOwned):
    """A named query string of the findings page, without the parameter for the page number. If `shared` is True,
    everybody who can see the tenant sees the view.
    """

    protection = Protection.PERSONAL

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "person", "name"], name="treatment_savedview_name"),
            models.CheckConstraint(condition=~Q(name=""), name="treatment_savedview_named"),
        ]

    def __str__(self) -> str:
        return self.name
