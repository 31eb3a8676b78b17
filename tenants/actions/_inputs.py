"""Checks that several actions share: fields of a model, slugs, time zones."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import slugify

from tenants.errors import Conflict, InvalidInput, invalid

SLUG_LENGTH = 60
# What addresses use themselves, next to a tenant's or an organization's slug.
RESERVED = frozenset({"new", "all", "import", "export", "settings"})


def validate_fields(instance: models.Model, *, exclude: tuple[str, ...] = ()) -> None:
    """The fields' own rules. Uniqueness and checks across fields are the database's."""
    try:
        instance.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        fields = {name: list(texts) for name, texts in error.message_dict.items()}
        text = " ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
        raise InvalidInput(f"This cannot be kept. {text}", fields=fields) from error


def validate_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise invalid("name", "Give a name.", code="name_missing")
    return cleaned


def validate_timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(
            "timezone", f"There is no time zone “{name}”. Give an IANA name, such as Europe/Berlin."
        ) from None
    return name


def validate_slug(slug: str) -> str:
    if slug != slugify(slug) or not slug or len(slug) > SLUG_LENGTH:
        raise invalid(
            "slug", f"Use up to {SLUG_LENGTH} small letters, digits and hyphens.", code="slug_invalid"
        )
    if slug in RESERVED:
        raise invalid("slug", f"“{slug}” is used by Surety itself. Choose another.", code="slug_reserved")
    return slug


def slugs_for(name: str, given: str | None) -> Iterator[str]:
    """The given slug alone; else ones made from the name, each a little longer than the one before."""
    if given is not None:
        yield validate_slug(given)
        return
    base = slugify(name)[: SLUG_LENGTH - 4].strip("-") or "tenant"
    if base not in RESERVED:
        yield base
    for number in range(2, 1000):
        yield f"{base}-{number}"


def save_with_slug(instance: models.Model, name: str, given: str | None) -> None:
    """Insert under the first slug that is free. Taken ones may belong to rows that this scope cannot see."""
    for slug in slugs_for(name, given):
        instance.slug = slug  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                instance.save(force_insert=True)
            return
        except IntegrityError as error:
            if "slug" not in str(error):
                raise
    message = "This short name is taken. Choose another."
    raise Conflict(message, code="slug_taken", fields={"slug": [message]})


@contextmanager
def once(constraint: str, field: str, message: str) -> Iterator[None]:
    """A violation of that unique constraint becomes a Conflict about `field`."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise Conflict(message, code="already_there", fields={field: [message]}) from error
