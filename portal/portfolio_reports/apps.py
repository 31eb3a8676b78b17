"""The Django app of the portfolio reports."""

from django.apps import AppConfig


class PortfolioReportsConfig(AppConfig):
    name = "portal.portfolio_reports"
    label = "portfolio_reports"
