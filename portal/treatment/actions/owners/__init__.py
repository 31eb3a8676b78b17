"""Assign owners to findings, by hand and by rules, and tell owners what is new or overdue."""
