"""Validate values for several actions: model fields, names, slugs, time zones."""

import zoneinfo
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import slugify

from tenants.errors import Conflict, InvalidInput, invalid
from tenants.values.names import clean_name

SLUG_LENGTH = 60
# Words that cannot be slugs. Some URLs have one of these words in the place where other URLs have a slug.
RESERVED = frozenset({"new", "all", "import", "export", "settings"})


def validate_fields(instance: models.Model, *, exclude: tuple[str, ...] = ()) -> None:
    """Run the validators of the model's fields. Uniqueness and rules that concern several fields are checked by the
    database.
    """
    try:
        instance.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        fields = {name: list(texts) for name, texts in error.message_dict.items()}
        text = " ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
        raise InvalidInput(f"Could not save. {text}", fields=fields) from error


def validate_name(name: str, present: str = "") -> str:
    return clean_name(name, present=present)


def validate_timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(
            "timezone",
            f"Unknown time zone “{name}”. Enter the IANA name of a time zone, such as Europe/Berlin.",
        ) from None
    return name


def validate_slug(slug: str) -> str:
    if slug != slugify(slug) or not slug or len(slug) > SLUG_LENGTH:
        raise invalid(
            "slug",
            f"Enter a short name of up to {SLUG_LENGTH} lowercase letters, digits and hyphens.",
            code="slug_invalid",
        )
    if slug in RESERVED:
        raise invalid(
            "slug",
            f"Surety itself uses the short name “{slug}”. Choose another short name.",
            code="slug_reserved",
        )
    return slug


def slug_candidates(name: str, slug: str | None) -> Iterator[str]:
    """Yield `slug` if it is given. If it is None, yield slugs made from the name: contoso, contoso-2, contoso-3, ..."""
    if slug is not None:
        yield validate_slug(slug)
        return
    base = slugify(name)[: SLUG_LENGTH - 4].strip("-") or "tenant"
    if base not in RESERVED:
        yield base
    for number in range(2, 1000):
        yield f"{base}-{number}"


def save_with_slug(instance: models.Model, name: str, slug: str | None) -> None:
    """Insert the instance with the first free slug. A slug is also taken if a row outside of the open scope has it."""
    for candidate in slug_candidates(name, slug):
        instance.slug = candidate  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                instance.save(force_insert=True)
            return
        except IntegrityError as error:
            if "slug" not in str(error):
                raise
    message = "This short name is already in use. Choose another short name."
    raise Conflict(message, code="slug_taken", fields={"slug": [message]})
