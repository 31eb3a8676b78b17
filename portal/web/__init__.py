"""Serve the pages: thin views over selectors, the frame around the pages, and the components of the pages."""
