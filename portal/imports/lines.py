"""Check the values of one line of a file of customers."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from django.utils import timezone

from assessments.actions.schedules import normalized
from portal.files.csv_input import Line
from portal.imports import columns as c
from tenants.actions.directories import guid
from tenants.actions.organizations import clean_labels
from tenants.actions.service_principals import check_secret
from tenants.clouds import CLOUDS
from tenants.errors import InvalidInput
from tenants.values.days import end_of_day

MAX_NAME: Final = 200
DEFAULT_CLOUD: Final = "AzureCloud"


class LineError(Exception):
    """An error in a line. The message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a line about a customer.

    A value that is None or empty does not change the value of a registered customer.
    """

    name: str
    directory_id: str
    directory_name: str = ""
    cloud: str = ""
    short_name: str = ""
    time_zone: str = ""
    labels: tuple[str, ...] | None = None
    schedule: str = ""
    client_id: str = ""
    secret_expires: datetime | None = None
    host_identity: str = ""


def check(line: Line) -> Values:
    """Return the values of a line. Raise LineError if a value is invalid."""
    if line.problem:
        raise LineError(line.problem)
    cells = line.cells
    for name in c.LAYOUT.required:
        if not cells.get(name):
            raise LineError(f"The cell “{name}” is empty. Enter a value.")
    try:
        return _values(cells)
    except InvalidInput as error:
        raise LineError(error.message) from None


def _values(cells: dict[str, str]) -> Values:
    name = " ".join(cells[c.NAME].split())
    if len(name) > MAX_NAME:
        raise LineError(f"The name has more than {MAX_NAME} characters. Shorten it.")
    client_id, secret = cells.get(c.CLIENT_ID, ""), cells.get(c.CLIENT_SECRET, "")
    if secret and not client_id:
        raise LineError(
            "“client_secret” needs “client_id”. Enter the application ID of the service principal."
        )
    identity = cells.get(c.HOST_IDENTITY, "").strip()
    if identity and not client_id:
        raise LineError(
            "“host_identity” needs “client_id”. Enter the application ID that the operator has allowed for this host"
            " identity."
        )
    if identity and secret:
        raise LineError("Fill in only one of “client_secret” and “host_identity”.")
    if cells.get(c.SECRET_EXPIRES) and not secret:
        raise LineError(
            "“secret_expires” needs “client_secret”. Fill in both cells, or leave both cells empty."
        )
    if secret:
        check_secret(secret)
    expires = _expires(cells.get(c.SECRET_EXPIRES, ""))
    return Values(
        name=name,
        directory_id=_guid(c.DIRECTORY_ID, cells[c.DIRECTORY_ID]),
        directory_name=" ".join(cells.get(c.DIRECTORY_NAME, "").split())[:MAX_NAME],
        cloud=_cloud(cells.get(c.CLOUD, "")),
        short_name=cells.get(c.SHORT_NAME, "").casefold(),
        time_zone=_time_zone(cells.get(c.TIME_ZONE, "")),
        labels=_labels(cells.get(c.LABELS, "")),
        schedule=normalized(cells[c.SCHEDULE]) if cells.get(c.SCHEDULE) else "",
        client_id=_guid(c.CLIENT_ID, client_id) if client_id else "",
        secret_expires=expires,
        host_identity=identity,
    )


def _guid(column: str, text: str) -> str:
    try:
        return guid(column, text)
    except InvalidInput:
        raise LineError(
            f"“{text[:60]}” in “{column}” is not an ID. Enter an ID in the form 00000000-0000-0000-0000-000000000000."
        ) from None


def _cloud(text: str) -> str:
    if not text:
        return ""
    known = {key.casefold(): name for name, cloud in CLOUDS.items() for key in (name, cloud.label)}
    found = known.get(text.casefold())
    if found is None:
        raise LineError(
            f"“{text[:60]}” is not a cloud. Enter one of {', '.join(CLOUDS)}, or leave the cell empty."
        )
    return found


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in zoneinfo.available_timezones()}


def _time_zone(text: str) -> str:
    if not text:
        return ""
    found = _zones().get(text.casefold().replace(" ", "_"))
    if found is None:
        raise LineError(f"There is no time zone “{text[:60]}”. Enter an IANA name, such as Europe/Berlin.")
    return found


def _labels(text: str) -> tuple[str, ...] | None:
    words = [word for word in text.replace(";", "|").replace(",", "|").split("|") if word.strip()]
    return tuple(clean_labels(words)) if words else None


def _expires(text: str) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise LineError(
            f"“{text[:60]}” in “secret_expires” is not a date. Enter a date in the form 2027-03-31."
        ) from None
    end = end_of_day(day)
    if end <= timezone.now():
        raise LineError("This secret has expired. Create a new secret in Entra.")
    return end
