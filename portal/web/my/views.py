"""One's own home: what is mine, whichever tenant it is in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.web.my import page as my_page
from portal.web.shared.visible import person


def my(request: HttpRequest) -> HttpResponse:
    who, now = person(), timezone.now()
    mine = my_page.Mine.read(who, now)
    parts = mine.parts()
    context = {
        "parts": parts,
        "todo": any(part.count for part in parts),
        "places": mine.places(),
        "requests": my_page.requests(who),
        "mentions": my_page.mentions(who),
        "to_decide": my_page.to_decide(who),
    }
    return render(request, "my/my.html", context)
