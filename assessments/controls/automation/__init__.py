"""Automation accounts."""
