"""Emulate Microsoft Graph v1.0: collections, single objects, and the permissions that requests for them need."""
