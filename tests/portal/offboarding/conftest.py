"""Fixtures for exports of customers."""

from tests.portal.web.conftest import damage

__all__ = ["damage"]
