"""Build parts of pages: vocabularies, icons, facets, timelines, formatting and parts of forms."""
