"""The addresses of the start page, the command palette and the theme."""

from __future__ import annotations

from portal.web.frame import home, palette, theme
from portal.web.frame.addresses import _page, _public

urlpatterns = [
    _page("home/", home.home, "home"),
    _page("palette/", palette.palette, "palette"),
    _public("theme/", theme.choose, "theme"),
]
