"""The URLs of the start page, the command palette and the theme."""

from __future__ import annotations

from portal.web.frame import home, palette, theme
from portal.web.frame.addresses import page, public

urlpatterns = [
    page("home/", home.home, "home"),
    page("palette/", palette.palette, "palette"),
    public("theme/", theme.choose, "theme"),
]
