"""The page for people whose role needs a second factor that they have not set up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def required(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/second_factor_required.html")
