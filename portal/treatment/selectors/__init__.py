"""Queries of treatments for pages and reports."""
