"""Uploaded configuration files, which are stored until a person has read the plan and applies the file."""

from django.db import models

from tenants.models import OrganizationOwned, Person
from tenants.protection import Protection


class ConfigurationFile(OrganizationOwned):
    """An uploaded file. `content` is its text until it is applied, and empty afterwards.

    `state_digest` is the digest of the settings at the time of the plan. The file is applied only if the settings
    still have this digest. `changes` is the number of changes that were made.
    """

    protection = Protection.PERSONAL

    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    content = models.TextField(blank=True)
    state_digest = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    changes = models.PositiveIntegerField(default=0)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(applied_at__isnull=True) | models.Q(content=""),
                name="configuration_file_content_forgotten",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
