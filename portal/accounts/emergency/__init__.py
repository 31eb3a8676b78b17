"""Alarms about emergency access, by mail and webhook."""
