"""Views by area. Thin: they check access, call a selector or an action, and render."""
