"""Cosmos DB accounts."""
