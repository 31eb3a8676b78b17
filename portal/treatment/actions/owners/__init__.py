"""Assign owners to findings, by hand and by rules, and notify owners of new and overdue findings."""
