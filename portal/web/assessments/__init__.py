"""Assessments: start, progress and coverage."""
