"""Assessments: starting, watching, coverage."""
