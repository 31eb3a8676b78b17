"""Serve the pages of ticket systems, rules and failed tickets of an organization."""
