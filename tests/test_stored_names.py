"""Names that existing databases, mails and documents contain. Renaming one of these names breaks existing
installations.

`stored_names.json` pins the names of the last release. For a release, first replace the heading “Unreleased” in the
changelog with the version's number. Then, add all new names: `python -m tests.test_stored_names`. In the other order,
`.ci/changelog.py` would remove the new controls from the changelog. A name may be removed from the file only together
with a data migration that rewrites the stored values.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.slow(seconds=15)

GOLDEN = Path(__file__).with_name("stored_names.json")


def columns() -> set[str]:
    from tenants.isolation.checks import first_party_models

    return {
        f"{model._meta.db_table}.{field.column}"
        for model in first_party_models()
        for field in model._meta.concrete_fields
    }


def choices() -> set[str]:
    from tenants.isolation.checks import first_party_models

    return {
        f"{model._meta.label}.{field.name}={value}"
        for model in first_party_models()
        for field in model._meta.concrete_fields
        for value, _ in field.flatchoices
    }


def batch_kinds() -> set[str]:
    """Return the keys of the bulk actions without a page of their own. Stored batches name their action by its key."""
    from portal.web.findings.buttons.registry import buttons

    return {button.key for button in buttons() if not button.page}


def journal_actions() -> set[str]:
    from portal.queries.journal.actions import ACTIONS

    return set(ACTIONS)


def sealed_fields() -> set[str]:
    """Return the names of the sealed fields, to which ciphertexts are bound."""
    from tenants.secrets import sealed_fields

    return {f"{model._meta.label_lower}.{field}" for model, field in sealed_fields()}


def notification_kinds() -> set[str]:
    from portal.notify.kinds import KINDS

    return set(KINDS)


def tasks() -> set[str]:
    current_app.loader.import_default_modules()
    ours = ("tenants.", "assessments.", "portal.")
    configured = {*settings.SURETY_AFTER_ASSESSMENT}
    return configured | {name for name in current_app.tasks if name.startswith(ours)}


def controls() -> set[str]:
    from assessments.controls.registry import catalogue

    return {
        f"{slug}.{name}" if name else slug
        for slug, control in catalogue().items()
        for name in ("", *(parameter.name for parameter in control.parameters))
    }


def collections() -> set[str]:
    from assessments.estate.collections import ALL

    return set(ALL)


def gap_reasons() -> set[str]:
    from assessments.estate.gaps import Reason

    return {str(reason) for reason in Reason}


def formats() -> set[str]:
    from portal.reports.attachments import files as attachments

    return {
        attachments.RESULTS_FORMAT,
        attachments.MANIFEST_FORMAT,
        attachments.LARGE_MANIFEST_FORMAT,
    }


def results_fields() -> set[str]:
    """Return the keys of `results.json`, which every report contains."""
    from portal.reports.parts import PARTS

    facts = [typing.get_type_hints(part.gather)["return"] for part in PARTS]
    return {key for kind in facts for key in _keys(kind, "")}


def _keys(kind: Any, prefix: str) -> Iterator[str]:
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        for field in fields(kind):
            yield f"{prefix}{field.name}"
            yield from _keys(hints[field.name], f"{prefix}{field.name}.")
    for argument in typing.get_args(kind):
        yield from _keys(argument, prefix)


def addresses() -> set[str]:
    """Return the routes that notices, mails, chat messages, saved views and bookmarks can contain."""
    return {route for route in _routes(get_resolver(), "") if not route.startswith(("accounts/", "gallery/"))}


def _routes(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + re.sub(r"<[^>]*>", "<>", str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes(entry, route)


SECTIONS: dict[str, Callable[[], set[str]]] = {
    "database columns": columns,
    "choice values": choices,
    "kinds of batches": batch_kinds,
    "sealed fields": sealed_fields,
    "journal actions": journal_actions,
    "notification kinds": notification_kinds,
    "task names": tasks,
    "controls and their parameters": controls,
    "collections of evidence": collections,
    "reasons of gaps": gap_reasons,
    "formats of attachments": formats,
    "keys of results.json": results_fields,
    "addresses": addresses,
}


def golden() -> dict[str, list[str]]:
    stored: dict[str, list[str]] = json.loads(GOLDEN.read_text())
    return stored


@pytest.mark.parametrize("section", SECTIONS)
def test_stored_names_are_still_known(section: str) -> None:
    missing = set(golden()[section]) - SECTIONS[section]()
    assert not missing, (
        f"These {section} are gone, but existing installations hold them: {', '.join(sorted(missing))}."
        " Keep the stored name and change only its label. If the name must change, write a data migration that"
        f" rewrites what is stored (for addresses: a redirect), then change {GOLDEN.name}."
    )


def test_every_section_is_pinned() -> None:
    assert set(golden()) == set(SECTIONS)
    assert all(golden().values())


if __name__ == "__main__":
    import django

    django.setup()
    current = {section: sorted(names()) for section, names in SECTIONS.items()}
    GOLDEN.write_text(json.dumps(current, indent=1) + "\n")
