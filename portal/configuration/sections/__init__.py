"""Sections of a configuration file: each module compares one with what is stored, and returns the steps to apply it."""
