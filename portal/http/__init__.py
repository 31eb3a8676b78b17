"""Handle requests before Django's own middleware: determine the client's address, limit the body, and write the access
log.
"""
