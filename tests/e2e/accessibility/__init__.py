"""Accessibility checks of all pages. Engineers have three files of pages, so that several processes check them."""
