"""`manage.py export_evidence TENANT`: the evidence of an assessment as an estate file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from assessments.export.stored import NotExportable, directories_of, estate_of, judged_at
from assessments.management.places import assessment_of, tenant_named
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = (
        "Write the evidence of an assessment as an estate file (JSON Lines). `manage.py assess_estate FILE --now"
        " TIME` judges it again; the time is printed on standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", metavar="TENANT_SLUG")
        parser.add_argument("--assessment", type=int, metavar="N", help="its number (default: the newest)")
        parser.add_argument("--directory", metavar="GUID", help="needed where the tenant has several")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(
        self,
        *,
        tenant: str,
        assessment: int | None,
        directory: str | None,
        output: Path | None,
        **options: Any,
    ) -> None:
        place = tenant_named(tenant)
        with tenant_scope(place.pk):
            chosen = assessment_of(place, assessment)
            known = directories_of(chosen)
            wanted = directory.casefold() if directory else ""
            if (wanted and wanted not in known) or (not wanted and len(known) != 1):
                raise CommandError(
                    f"{chosen} covers {len(known)} directories: give --directory with one of"
                    f" {', '.join(known) or 'those of another assessment'}."
                )
            try:
                estate = estate_of(chosen, wanted or known[0])
            except NotExportable as error:
                raise CommandError(error.message) from error
            count = self._write(estate.lines(), output)
            at, overrides = judged_at(chosen), sorted(chosen.parameters)
        self._say(f"{count} lines of {chosen} of {place.name}")
        for remark in estate.remarks:
            self._say(f"Note: {remark}.")
        if overrides:
            self._say(
                f"Note: the tenant has its own parameters for {', '.join(overrides)}; a judge needs them."
            )
        if at is not None:
            self._say(
                f"Judge it again with: manage.py assess_estate {output or 'FILE'} --now {at.isoformat()}"
            )

    def _write(self, lines: Iterable[dict[str, Any]], output: Path | None) -> int:
        if output is None:
            return _dump(lines, self.stdout)
        # Written beside and renamed: nobody takes half a file for the evidence.
        partial = output.with_name(output.name + ".part")
        try:
            with partial.open("w", encoding="utf-8") as file:
                count = _dump(lines, file)
            partial.replace(output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        return count

    def _say(self, text: str) -> None:
        self.stderr.write(text, self.style.NOTICE)


def _dump(lines: Iterable[dict[str, Any]], file: TextIO | OutputWrapper) -> int:
    count = 0
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        count += 1
    return count
