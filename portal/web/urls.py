"""Collect the URL patterns of all pages. Each area has its own file `portal/web/<area>/urls.py`.

No URL matches two patterns, so the order of the areas does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from django.conf import settings
from django.urls import URLPattern

import portal.web
from portal.web.frame.addresses import public


def _of_areas() -> Iterator[URLPattern]:
    for area in iter_modules(portal.web.__path__, "portal.web."):
        if area.ispkg and find_spec(f"{area.name}.urls"):
            yield from import_module(f"{area.name}.urls").urlpatterns


urlpatterns = list(_of_areas())

if settings.DEBUG:
    from portal.web.gallery import gallery  # The gallery of components is not for production.

    urlpatterns.append(public("_gallery/", gallery, "gallery"))
