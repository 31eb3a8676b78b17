"""Queries over many customers, for the portfolio page, the portfolio report and the API."""
