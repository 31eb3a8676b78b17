"""The child process that rewrites an uploaded logo so that only its pixels or shapes remain.

The file can be hostile, so this module runs as a script: with limits, without Django, and without the environment
variables of the parent process. `portal.reports.branding.logos` starts it. The output is a line of JSON, followed by
the rewritten logo. If the logo is refused, the line has only `refused`, a sentence for people. Otherwise, it has
`kind`, `width` and `height`.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

MIN_PIXELS: Final = 100
MAX_PIXELS: Final = 4000
# The maximum size to which a PNG is reduced. It is enough for about 50 mm of paper at 600 dots per inch.
STORED_PIXELS: Final = (1200, 600)
MAX_SHAPES: Final = 2000
MAX_DEPTH: Final = 40
MAX_RATIO: Final = 12

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SVG: Final = "{http://www.w3.org/2000/svg}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}href"
# Namespaces in which drawing programs write metadata. The metadata does not affect the picture.
_NOTES: Final = (
    "http://www.inkscape.org/", "http://sodipodi.sourceforge.net/", "http://www.bohemiancoding.com/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://creativecommons.org/ns#", "http://purl.org/dc/",
    "http://ns.adobe.com/", "http://www.serif.com/", "http://www.corel.com/", "http://www.w3.org/XML/1998/namespace",
    "http://www.figma.com/",
)  # fmt: skip
_DROPPED_ELEMENTS: Final = frozenset({"title", "desc", "metadata"})
_DROPPED_ATTRIBUTES: Final = frozenset(
    {"version", "baseProfile", "preserveAspectRatio", "enable-background", "role", "class", "style", "focusable",
     "font-family", "font-size", "font-weight", "font-style", "letter-spacing", "word-spacing", "shape-rendering",
     "text-rendering", "image-rendering", "color-rendering", "color-interpolation", "overflow", "isolation"}
)  # fmt: skip
_DROPPED_DECLARATIONS: Final = re.compile(
    r"-\w[\w-]*|mask-type|mix-blend-mode|font[\w-]*|text-[\w-]+|line-height|paint-order|solid-[\w-]+|vector-effect"
    r"|white-space|writing-mode|direction|marker"
)

_NUMBERS: Final = r"[0-9eE+\-.,%\s]*(?:px|pt|pc|mm|cm|in)?"
_ID: Final = r"[\w.:-]{1,200}"
_LOCAL: Final = rf"url\(\s*['\"]?#{_ID}['\"]?\s*\)"
_COLOUR: Final = r"(?:#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}|rgba?\([0-9.,%\s]{1,60}\))"
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "numbers": re.compile(_NUMBERS),
    "path": re.compile(r"[MmZzLlHhVvCcSsQqTtAaeE0-9+\-.,\s]*"),
    "transform": re.compile(r"\s*(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([0-9eE+\-.,\s]*\)[\s,]*)*"),
    "paint": re.compile(rf"(?:{_LOCAL}\s*{_COLOUR}?|{_COLOUR})"),
    "word": re.compile(r"[a-zA-Z-]{1,30}"),
    "local": re.compile(rf"(?:none|{_LOCAL})"),
    "id": re.compile(_ID),
    "reference": re.compile(rf"#{_ID}"),
}  # fmt: skip
_ATTRIBUTES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "fr", "width", "height", "points",
         "offset", "opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "stroke-width", "stroke-miterlimit",
         "stroke-dashoffset"),
        "numbers",
    ),
    "stroke-dasharray": "numbers", "d": "path", "transform": "transform", "gradientTransform": "transform",
    **dict.fromkeys(("fill", "stroke", "stop-color", "color"), "paint"),
    **dict.fromkeys(
        ("fill-rule", "clip-rule", "stroke-linecap", "stroke-linejoin", "gradientUnits", "spreadMethod",
         "clipPathUnits", "maskUnits", "maskContentUnits", "display", "visibility"),
        "word",
    ),
    "clip-path": "local", "mask": "local", "id": "id", "href": "reference",
}  # fmt: skip
_NUMBERS_OR_NONE: Final = frozenset({"stroke-dasharray"})
_ELEMENTS: Final = frozenset(
    {"g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "clipPath", "mask",
     "linearGradient", "radialGradient", "stop"}
)  # fmt: skip
_REASONS: Final[Mapping[str, str]] = {
    "script": "The logo contains a script. Use a file without scripts.",
    "foreignObject": "The logo contains parts of a web page (foreignObject). Export the logo again from the drawing"
    " program.",
    "image": "The logo contains a picture (image). Upload the picture itself as PNG, or use a logo of shapes.",
    "text": "The logo contains text in a font that other machines may not have. Convert the text to paths.",
    "use": "The logo contains copies of shapes (use). Unlink the clones in the drawing program, then export the logo"
    " again.",
    "filter": "The logo has an effect (filter). Remove shadows and blurs, or upload the logo as PNG.",
    "pattern": "The logo is filled with a pattern. Use plain colours or gradients, or upload the logo as PNG.",
    "animate": "The logo is animated. Use a file without animation.",
    "a": "The logo contains a link. Remove the link.",
}


class Refused(Exception):
    """The file cannot be a logo. The message is a sentence for people."""


def refuse(sentence: str) -> NoReturn:
    raise Refused(sentence)


def read_logo(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return {kind, width, height} and the rewritten logo. Width and height are pixels, or units of an SVG."""
    if content.startswith(_PNG):
        return _read_png(content)
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and b"<svg" in content:
        return _read_svg(content)
    refuse("The file is neither a PNG nor an SVG. Save the logo as PNG or SVG.")


def _read_png(content: bytes) -> tuple[dict[str, Any], bytes]:
    from PIL import Image, ImageCms, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the size is checked below, with a message for people
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=["PNG"])
        width, height = image.size  # read from the header, before any pixel is unpacked
        if max(width, height) > MAX_PIXELS:
            refuse(
                f"The logo has {width} × {height} pixels. Use a logo with at most {MAX_PIXELS} × {MAX_PIXELS}"
                " pixels."
            )
        if max(width, height) < MIN_PIXELS:
            refuse(
                f"The logo has {width} × {height} pixels, which would be blurred in print. Use a logo whose longer"
                f" side has at least {MIN_PIXELS} pixels."
            )
        _check_ratio(width, height)
        if getattr(image, "is_animated", False):
            refuse(_REASONS["animate"])
        if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
            refuse("The logo has more than 8 bits per colour. Save the logo as an 8-bit PNG.")
        image.load()
        profile = image.info.get("icc_profile")
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            plain = image.convert("RGB")
            converted = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"))
            image = converted if converted is not None else plain
        white = Image.new("RGB", image.size, "white")
        white.paste(image.convert("RGB"), mask=alpha)
        white.thumbnail(STORED_PIXELS, Image.Resampling.LANCZOS)
    except (
        UnidentifiedImageError,
        ImageCms.PyCMSError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
    ):
        refuse("The PNG is damaged. Save the logo again as PNG.")
    out = io.BytesIO()
    # Write a new image, which has neither the metadata nor the colour profile of the uploaded file.
    Image.frombytes("RGB", white.size, white.tobytes()).save(out, "PNG", optimize=True)
    return {"kind": "png", "width": white.width, "height": white.height}, out.getvalue()


def _check_ratio(width: float, height: float) -> None:
    if max(width, height) > MAX_RATIO * min(width, height):
        refuse(
            f"The logo is too narrow. Its longer side can be at most {MAX_RATIO} times as long as its shorter"
            " side."
        )


def _read_svg(content: bytes) -> tuple[dict[str, Any], bytes]:
    from lxml import etree

    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        refuse("The SVG is not stored as UTF-8. Export the logo again as UTF-8.")
    if b"<!ENTITY" in content:
        refuse("The SVG defines entities. Export the logo again without entities.")
    # Parse the file as UTF-8, even if it declares another encoding. The checks above look for bytes of UTF-8, so with
    # another encoding, the parser would read characters that were not checked.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        refuse(
            f"The SVG is damaged (line {error.lineno or 1}). Export the logo again from the drawing program."
        )
    if root.tag != f"{_SVG}svg":
        refuse("The file is not an SVG drawing. Save the logo as PNG or SVG.")
    width, height, box = _size(root)
    classes = _classes(root)
    shapes = sum(1 for _ in root.iter())
    if shapes > MAX_SHAPES:
        refuse(
            f"The logo has {shapes} shapes. Use a simpler drawing with at most {MAX_SHAPES} shapes, or a PNG."
        )
    new = etree.Element(f"{_SVG}svg", nsmap={None: _SVG[1:-1], "xlink": _XLINK[1:-5]})
    new.set("viewBox", box)
    new.set("width", f"{width:g}")
    new.set("height", f"{height:g}")
    for name, value in _attributes(root, classes):
        if name not in ("x", "y", "width", "height", "id"):
            new.set(name, value)
    _copy(root, new, classes, 1)
    if not any(child.tag in map(_SVG.__add__, _ELEMENTS - {"defs"}) for child in new):
        refuse("The SVG has no shapes. Export the logo again from the drawing program.")
    return {"kind": "svg", "width": width, "height": height}, etree.tostring(new, encoding="utf-8")


def _size(root: Any) -> tuple[float, float, str]:
    """Return width and height of the drawing, and its view box."""
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    sides = [re.fullmatch(r"\s*([0-9.]+)(?:px)?\s*", root.get(name, "")) for name in ("width", "height")]
    try:
        if len(box) == 4:
            x, y, width, height = (float(number) for number in box)
        elif all(sides):
            x = y = 0.0
            width, height = (float(side[1]) for side in sides if side)
        else:
            refuse("The SVG does not state its size. Export the logo again with a view box.")
    except ValueError:
        refuse("The view box of the SVG is invalid. Export the logo again from the drawing program.")
    if not all(abs(number) < 1e6 for number in (x, y)) or not (1e-3 < width < 1e6 and 1e-3 < height < 1e6):
        refuse("The view box of the SVG is invalid. Export the logo again from the drawing program.")
    _check_ratio(width, height)
    return width, height, f"{x:g} {y:g} {width:g} {height:g}"


def _classes(root: Any) -> dict[str, dict[str, str]]:
    """Return the rules of the style sheets in the SVG as {class: {property: value}}. Only rules for classes are
    allowed.
    """
    found: dict[str, dict[str, str]] = {}
    for style in root.iter(f"{_SVG}style"):
        text = re.sub(r"/\*.*?\*/", "", style.text or "", flags=re.DOTALL)
        rules = re.findall(r"([^{}]+)\{([^{}]*)\}", text)
        if re.sub(r"[^{}]+\{[^{}]*\}", "", text).strip():
            refuse(
                "Surety does not understand the style sheet of the SVG. Export the logo with presentation attributes"
                " instead of a style sheet."
            )
        for selectors, body in rules:
            for selector in selectors.split(","):
                name = re.fullmatch(r"\s*\.([\w-]+)\s*", selector)
                if name is None:
                    refuse(
                        f"Surety does not understand the rule “{selector.strip()[:40]}” in the style sheet of the SVG."
                        " Export the logo with presentation attributes instead of a style sheet."
                    )
                found.setdefault(name[1], {}).update(_declarations(body))
    return found


def _declarations(body: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in body.split(";") if part.strip())
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _copy(source: Any, target: Any, classes: Mapping[str, Mapping[str, str]], depth: int) -> None:
    """Copy the allowed elements inside `source` into `target`."""
    from lxml import etree

    if depth > MAX_DEPTH:
        refuse("The shapes of the SVG are nested too deeply. Ungroup the shapes, then export the logo again.")
    for child in source:
        if not isinstance(child.tag, str):
            refuse("The SVG refers to an entity. Export the logo again without entities.")
        if not child.tag.startswith(_SVG):
            if child.tag.startswith("{") and child.tag[1:].startswith(_NOTES):
                continue
            refuse(
                "The SVG contains the element"
                f" “{child.tag.rpartition('}')[2][:40]}”, which is not part of a drawing. Remove the element."
            )
        name = child.tag.removeprefix(_SVG)
        if name in _DROPPED_ELEMENTS or name == "style":
            continue
        if name not in _ELEMENTS:
            key = "animate" if name.startswith(("animate", "set")) else name
            refuse(
                _REASONS.get("text" if key in ("tspan", "textPath") else key)
                or f"The SVG contains the element “{name[:40]}”, which is not allowed in logos. Use plain shapes, or"
                " upload a PNG."
            )
        new = etree.SubElement(target, child.tag)
        for attribute, value in _attributes(child, classes):
            new.set(_XLINK if attribute == "href" else attribute, value)
        _copy(child, new, classes, depth + 1)


def _attributes(element: Any, classes: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the allowed attributes of an element. The style rules of its classes and of its attribute `style` become
    attributes too.
    """
    values: dict[str, str] = {}
    for name, value in element.attrib.items():
        if name == _XLINK:
            name = "href"
        elif name.startswith("{"):
            if name[1:].startswith((*_NOTES, _XLINK[1:-5])):
                continue
            refuse(
                "The SVG has the attribute"
                f" “{name.rpartition('}')[2][:40]}”, which is not allowed in logos. Remove the attribute."
            )
        if name.lower().startswith("on"):
            refuse(_REASONS["script"])
        if name in _DROPPED_ATTRIBUTES or name.startswith(("data-", "aria-")) or name == "viewBox":
            continue
        values[name] = value
    for word in (element.get("class") or "").split():
        values |= _styles(classes.get(word, {}))
    values |= _styles(_declarations(element.get("style") or ""))
    for name, value in values.items():
        kind = _ATTRIBUTES.get(name)
        if kind is None:
            refuse(
                _REASONS.get(name)
                or f"The SVG has the attribute “{name[:40]}”, which is not allowed in logos. Remove the attribute."
            )
        if name in _NUMBERS_OR_NONE and value.strip() == "none":
            continue
        if not _PATTERNS[kind].fullmatch(value.strip()):
            outside = kind in ("local", "reference", "paint") and ("url" in value.lower() or ":" in value)
            refuse(
                "The SVG refers to another file or address. Use a file that contains the whole logo."
                if outside or kind == "reference"
                else f"In the SVG, the value of “{name}” is invalid: “{value.strip()[:40]}”. Export the logo again."
            )
        yield name, value.strip()


def _styles(declared: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in declared.items()
        if name not in _DROPPED_ATTRIBUTES and not _DROPPED_DECLARATIONS.fullmatch(name)
    }


if __name__ == "__main__":
    try:
        header, logo = read_logo(sys.stdin.buffer.read())
    except Refused as refusal:
        header, logo = {"refused": str(refusal)}, b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + logo)
