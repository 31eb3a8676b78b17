"""Serve the page for people whose role needs a second factor and who have not set up a second factor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def required(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/second_factor_required.html")
