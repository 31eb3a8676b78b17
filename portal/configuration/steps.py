"""A plan and its steps. Each step is one change that applying a file would make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model, TextChoices

from portal.configuration.problems import MAX_PROBLEMS, Problem, UnusableFile
from portal.configuration.yaml_text import Document, Path
from tenants.actions.invitations import Offer
from tenants.actors import Actor
from tenants.errors import SuretyError
from tenants.models import Organization, Person, Tenant


class Kind(TextChoices):
    """The kind of change that a step makes. A TODO step changes nothing: it says which secret a person must enter on a
    page, because files contain no secrets.
    """

    ADD = "add", "Add"
    CHANGE = "change", "Change"
    REMOVE = "remove", "Remove"
    TODO = "todo", "To do on the page"


@dataclass(frozen=True, slots=True)
class Step:
    """One difference between the file and the present settings.

    - `place`: the name of the customer or organization
    - `run`: the function that makes the change; a TODO step has none
    - `offer`: the invitation, if the step invites somebody; such a step has no `run`, because all invitations are made
      together
    - `refresh`: the id of a customer whose findings depend on the change; the treatments of this customer are locked
      and then refreshed
    - `rows`: the rows that the step locks; if a customer is among them, all subscriptions of the customer are locked
    - `entries`: the number of entries that the step writes in a journal
    - `everywhere`: whether the step writes the entries in the journal of the organization and in the journals of all
      its customers
    """

    place: str
    line: int
    kind: Kind
    text: str
    run: Callable[[Actor], object] | None
    refresh: UUID | None = None
    rows: tuple[Model, ...] = ()
    entries: int = 1
    everywhere: bool = False
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes that applying a file would make. `digest` identifies the present values of the settings that the file
    states.
    """

    steps: list[Step]
    digest: str
    organization: Organization
    customers: list[Tenant]
    """The customers in the file."""

    @property
    def changes(self) -> list[Step]:
        """The steps that change something."""
        return [step for step in self.steps if step.kind is not Kind.TODO]

    @property
    def in_file_order(self) -> list[Step]:
        return sorted(self.steps, key=lambda step: step.line)

    @property
    def summary(self) -> str:
        """How many steps of each kind there are, in words: “2 to add, 1 to change”."""
        words = {
            Kind.ADD: "to add",
            Kind.CHANGE: "to change",
            Kind.REMOVE: "to remove",
            Kind.TODO: "to do on the page",
        }
        counts = Counter(step.kind for step in self.steps)
        return ", ".join(f"{counts[kind]} {words[kind]}" for kind in words if counts[kind]) or "no changes"


@dataclass(slots=True)
class Draft:
    """A collection of the steps and problems that are found while a file is compared with the settings."""

    document: Document
    known: dict[str, Person]
    """The active people who have a role in the organization now or later, by email address."""
    by: Actor
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> None:
        """Note a problem. When the maximum number of shown problems is reached, raise UnusableFile: searching for more
        problems takes time.
        """
        self.problems.append(Problem(self.document.line(path), message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise UnusableFile(self.problems)

    def named(
        self, entries: Iterable[Mapping[str, Any]], path: Path, noun: str, advice: str
    ) -> dict[str, tuple[Path, Mapping[str, Any]]]:
        """Return the entries of a list with their paths, by name. `noun` says what the entries are.

        If several entries have the same name, return only the first of them, and note a problem with `advice` for each
        of the others.
        """
        found: dict[str, tuple[Path, Mapping[str, Any]]] = {}
        for number, entry in enumerate(entries):
            here, name = (*path, number), " ".join(entry["name"].split())
            if name in found:
                first = self.document.line(found[name][0])
                self.problem(here, f"Line {first} has a {noun} with the same name. {advice}")
                continue
            found[name] = here, entry
        return found

    @contextmanager
    def refusals(self, path: Path) -> Iterator[None]:
        """Turn each error that a validation raises during the block into a problem at this path."""
        try:
            yield
        except SuretyError as error:
            self.problem(path, error.message)
        except ValueError as error:
            self.problem(path, str(error))

    def add(
        self,
        place: str,
        path: Path,
        kind: Kind,
        text: str,
        run: Callable[[Actor], object] | None,
        refresh: UUID | None = None,
        *,
        rows: tuple[Model, ...] = (),
        entries: int = 1,
        everywhere: bool = False,
        offer: Offer | None = None,
    ) -> None:
        line = self.document.line(path)
        self.steps.append(Step(place, line, kind, text, run, refresh, rows, entries, everywhere, offer))
