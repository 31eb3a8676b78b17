"""Accessibility checks of all pages. Three files check the pages of engineers, so that they can run in parallel."""
