"""Serve the page that asks people to set up a second factor, because their role requires one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def required(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/second_factor_required.html")
