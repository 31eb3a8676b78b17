"""The steps of a plan: what applying a file would change, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Model, TextChoices

from portal.configuration.problems import MAX_PROBLEMS, Problem, UnusableFile
from portal.configuration.yaml_text import Document, Path
from tenants.actors import Actor
from tenants.errors import SuretyError
from tenants.models import Person


class Kind(TextChoices):
    """What a step does. TODO steps are what a person must do on a page, because a secret is needed."""

    ADD = "add", "Add"
    CHANGE = "change", "Change"
    REMOVE = "remove", "Remove"
    TODO = "todo", "To do on the page"


@dataclass(frozen=True, slots=True)
class Step:
    """One difference between the file and the present settings.

    `place` is the name of the customer or organization. `run` makes the change; it is None for a TODO step. `refresh`
    is a tenant whose findings depend on the change; the step locks the treatments of this tenant. `rows` are the rows
    that the step locks. `entries` is the number of entries that the step writes to a journal. With `everywhere`, it
    writes them to the journal of the organization and to those of all its customers.
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


@dataclass(slots=True)
class Draft:
    """Collects the steps and problems of a file while it is compared."""

    document: Document
    known: dict[str, Person]
    """People who have or had access in the organization, by address."""
    by: Actor
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> None:
        """Note a problem. Raise UnusableFile at the last problem that is shown, because each costs time."""
        self.problems.append(Problem(self.document.line(path), message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise UnusableFile(self.problems)

    @contextmanager
    def refusals(self, path: Path) -> Iterator[None]:
        """Turn the refusal of a validation into a problem at this path."""
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
    ) -> None:
        line = self.document.line(path)
        self.steps.append(Step(place, line, kind, text, run, refresh, rows, entries, everywhere))
