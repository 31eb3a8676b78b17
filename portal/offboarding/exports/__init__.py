"""Exports of customers: requests, and the archive with everything about a customer."""
