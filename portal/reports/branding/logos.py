"""Read an uploaded logo in a separate process, and show it in reports and on pages."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from django.utils.html import format_html

from portal.files import limited_program
from portal.reports.branding import logo_reader
from portal.reports.layout.markup import read_document
from portal.reports.layout.typesetting import TypesettingFailed, typeset
from tenants.errors import invalid

MAX_UPLOAD: Final = 512 * 1024
MAX_STORED: Final = 512 * 1024
PROCESSOR_SECONDS: Final = 5
DRAWING_SECONDS: Final = 10
WALL_SECONDS: Final = 60
# The maximum memory, in bytes, for each process that reads or draws a logo or a cover for the web server.
MEMORY: Final = 1024 * 2**20
# The space of a logo on the cover, in millimetres. `SMALL_…` is the space on the first page of reports without a cover.
WIDTH: Final = 60.0
HEIGHT: Final = 20.0
SMALL_WIDTH: Final = 40.0
SMALL_HEIGHT: Final = 10.0
_TYPES: Final = {"png": "image/png", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that contains only pixels or shapes. `kind` is png or svg. Width and height are in pixels for a PNG, and
    in units of the drawing for an SVG.
    """

    kind: str
    width: float
    height: float
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the hash of the content, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def source(self) -> str:
        """The logo as a data: URL, as templates of reports and pages show it."""
        if self.kind == "svg":
            return f"data:image/svg+xml;utf8,{quote(self.content.decode())}"
        return f"data:{_TYPES[self.kind]};base64,{base64.b64encode(self.content).decode()}"

    def fitted(self, width: float = WIDTH, height: float = HEIGHT) -> tuple[float, float]:
        """Return the largest width and height in millimetres at which the logo fits into this space."""
        scale = min(width / self.width, height / self.height)
        return round(self.width * scale, 2), round(self.height * scale, 2)


def read_logo(content: bytes) -> Logo:
    """Return a PNG or SVG file as a logo that contains nothing except pixels or shapes.

    The logo is drawn once as a test, because a logo that cannot be drawn would make reports fail. Raise
    InvalidInput, with the reason, if the file cannot be used as a logo.
    """
    if len(content) > MAX_UPLOAD:
        raise invalid("logo", f"The file is larger than {MAX_UPLOAD // 1024} KiB. Use a smaller picture.")
    logo = _read(content)
    if len(logo.content) > MAX_STORED:
        raise invalid(
            "logo",
            f"The converted logo would need more than {MAX_STORED // 1024} KiB. Use a simpler picture, or a picture"
            " with fewer pixels.",
        )
    try:
        _draw(logo)
    except (TypesettingFailed, subprocess.TimeoutExpired):
        raise invalid(
            "logo",
            "The logo could not be drawn. Export the logo again from the drawing program, or upload it as PNG.",
        ) from None
    return logo


def _read(content: bytes) -> Logo:
    command = limited_program.script_command(logo_reader.__file__, seconds=PROCESSOR_SECONDS, memory=MEMORY)
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise invalid(
            "logo", "The logo could not be read in time, because this machine is busy. Try again."
        ) from None
    if done.returncode:
        raise invalid("logo", "The logo could not be read. Export the logo again from the drawing program.")
    line, _, written = done.stdout.partition(b"\n")
    header = json.loads(line)
    if "refused" in header:
        raise invalid("logo", header["refused"])
    return Logo(header["kind"], header["width"], header["height"], written)


def _draw(logo: Logo) -> None:
    """Typeset a page that contains only the logo. The limits of time and memory are those for uploads."""
    width, height = logo.fitted()
    html = format_html(
        '<html lang="en"><head><title>Logo</title></head><body>'
        '<img class="logo" src="{}" alt="Logo" data-width="{}" data-height="{}"></body></html>',
        logo.source,
        width,
        height,
    )
    page = read_document(html, width=WIDTH) | {"page": {"width": 210.0, "height": 297.0}}
    typeset(page, created=datetime(2026, 1, 1, tzinfo=UTC), seconds=DRAWING_SECONDS, memory=MEMORY)
