"""Attestations: the answers that people give to manual controls."""
