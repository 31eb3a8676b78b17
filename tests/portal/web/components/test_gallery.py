"""The gallery renders every component, and exists only with DEBUG."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import Client, RequestFactory

from portal.web.components.icons import ICONS
from portal.web.components.vocabulary import VOCABULARIES
from portal.web.gallery import gallery


def test_gallery_shows_every_icon_and_word(rf: RequestFactory) -> None:
    request = rf.get("/_gallery/")
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    html = gallery(request).content.decode()
    for name in ICONS:
        assert f"</svg>{name}</span>" in html
    for marks in VOCABULARIES.values():
        for mark in marks.values():
            assert mark.label in html
    assert " style=" not in html


def test_gallery_is_not_found_without_debug(client: Client, db: None) -> None:
    assert client.get("/_gallery/").status_code == 404
