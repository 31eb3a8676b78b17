"""Export customers: handle the requests for exports, and write the archive with everything about a customer."""
