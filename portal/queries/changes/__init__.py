"""Changes of a customer's resources for pages, exports and reports: filter, facets, order, and who may have acted."""
