"""What pages are made of: words and their marks, icons, facets, timelines, parts of forms."""
