"""Accessibility checks of all pages. The pages of engineers are in three files, so that processes can share them."""
