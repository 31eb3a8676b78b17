"""Serve the page “My findings”: a person's own findings, requests and mentions across all tenants."""
