"""Pseudonyms of people who leave: in all organizations, and in the journals."""
