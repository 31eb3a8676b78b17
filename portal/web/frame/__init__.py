"""Build the frame of every page: sidebar (“rail”), command palette and theme."""
