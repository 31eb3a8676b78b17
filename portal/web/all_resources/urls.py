"""The URL of the page with all customers' resources."""

from __future__ import annotations

from portal.web.all_resources import views
from portal.web.frame import navigation
from portal.web.frame.addresses import page, under

urlpatterns = [
    *under(
        navigation.ALL_RESOURCES,
        page("resources/", views.resources_of_all, "all-resources"),
    ),
]
