"""`manage.py export_evidence SLUG`: export the evidence of an assessment as an estate file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from assessments.context_severity import SEVERITY_RULES
from assessments.controls.declare import OWN_CONTROL
from assessments.controls.profiles import is_off
from assessments.export.stored import NotExportable, cloud_of, directories_of, estate_of, judged_at
from assessments.management.lookup import add_tenant_argument, find_assessment, find_tenant
from assessments.pipeline_commands import Notation, break_commands
from tenants.cloud_table import CLOUDS
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = (
        "Writes the evidence of an assessment as an estate file (JSON Lines). To judge the evidence again, run the"
        " command that is printed on standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        parser.add_argument(
            "--assessment",
            type=int,
            metavar="N",
            help="number (default: newest finished assessment of all subscriptions and directories)",
        )
        parser.add_argument(
            "--directory",
            metavar="GUID",
            help="required if the assessment covers several directories",
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="file to write (default: standard output)"
        )

    def handle(
        self,
        *,
        tenant: str,
        assessment: int | None,
        directory: str | None,
        output: Path | None,
        **options: Any,
    ) -> None:
        place = find_tenant(tenant)
        with tenant_scope(place.pk):
            chosen = find_assessment(place, assessment)
            known = directories_of(chosen)
            selected = directory.casefold() if directory else ""
            if not known:
                raise CommandError(
                    f"{chosen} covers no directory. Choose another assessment with --assessment."
                )
            if (selected and selected not in known) or (not selected and len(known) != 1):
                raise CommandError(
                    f"{chosen} covers {len(known)} directories. Pass one of them with --directory: {', '.join(known)}."
                )
            try:
                estate = estate_of(chosen, selected or known[0])
            except NotExportable as error:
                raise CommandError(error.message) from error
            count = self._write(estate.lines(), output)
            at, differences = judged_at(chosen), list(_differences(chosen.parameters))
            cloud = cloud_of(chosen, selected or known[0])
        self._print(f"Exported {count} lines of {chosen} of {place.name}.")
        for remark in estate.remarks:
            self._print(f"Note: {remark}.")
        for difference in differences:
            self._print(f"Note: {difference}")
        if at is not None:
            self._print(
                f"To judge the evidence again: manage.py assess_estate {output or 'FILE'} --now {at.isoformat()}"
                + (f" --cloud {cloud}" if cloud in CLOUDS and not CLOUDS[cloud].is_default else "")
            )

    def _write(self, lines: Iterable[dict[str, Any]], output: Path | None) -> int:
        if output is None:
            return _dump(lines, self.stdout, lambda line: break_commands(line, Notation.JSON))
        # Write to a temporary file beside `output`, and rename the temporary file when it is complete. So nobody
        # mistakes an incomplete file for the whole evidence.
        partial = output.with_name(output.name + ".part")
        try:
            with partial.open("w", encoding="utf-8") as file:
                count = _dump(lines, file)
            partial.replace(output)
        except OSError as error:
            raise CommandError(
                f"Could not write {output}: {error.strerror}. Choose another file with --output."
            ) from error
        return count

    def _print(self, text: str) -> None:
        self.stderr.write(text, self.style.NOTICE)


def _differences(parameters: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield sentences on the customer's settings that affected the assessment but are not in the exported file.
    `parameters` are the parameters of the assessment.
    """
    off = sorted(slug for slug in parameters if is_off(slug, parameters))
    own = sorted(slug for slug, values in parameters.items() if OWN_CONTROL in values and slug not in off)
    changed = sorted(parameters.keys() - {*off, *own, SEVERITY_RULES})
    if changed:
        yield f"the customer has its own parameters for {', '.join(changed)}. The file does not contain them."
    if off:
        yield (
            f"the assessment did not judge {len(off):,} controls, because they are switched off or outside of the"
            " customer's profile. The file does not say so, so assess_estate judges them."
        )
    if own:
        yield f"the assessment judged own controls, which the file does not contain: {', '.join(own)}."


def _dump(
    lines: Iterable[dict[str, Any]], file: TextIO | OutputWrapper, shown: Callable[[str], str] = str
) -> int:
    count = 0
    for line in lines:
        file.write(shown(json.dumps(line, ensure_ascii=False)) + "\n")
        count += 1
    return count
