"""Failed sign-ins of one person that the journals do not have one by one."""

from django.conf import settings
from django.db import models


class FailedSignIns(models.Model):
    """The window that began with a recorded failure, and the failures in it that are only counted."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    started_at = models.DateTimeField()
    counted = models.PositiveIntegerField(default=0)

    objects: models.Manager["FailedSignIns"] = models.Manager()

    def __str__(self) -> str:
        return f"{self.person_id}: {self.counted}"
