"""Handling of a request before Django's own middleware: the client's address, the body's size, the access log."""
