"""Count failed sign-ins of a person that are not yet recorded in the journals."""

from django.conf import settings
from django.db import models

from tenants.protection import Protection


class FailedSignIns(models.Model):
    """The failed sign-ins of one person. `started_at` is the time of the last failed sign-in that was recorded with its
    details. `counted` is the number of later failed sign-ins, which are not recorded yet.
    """

    protection = Protection.PERSONAL

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    started_at = models.DateTimeField()
    counted = models.PositiveIntegerField(default=0)

    objects: models.Manager["FailedSignIns"] = models.Manager()

    def __str__(self) -> str:
        return f"{self.person_id}: {self.counted}"
