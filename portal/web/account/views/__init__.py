"""Views of the own account."""
