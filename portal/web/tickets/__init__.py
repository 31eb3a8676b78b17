"""Serve the pages about ticket systems, ticket rules and failed tickets of an organization."""
