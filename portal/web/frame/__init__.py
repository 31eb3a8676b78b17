"""The frame of every page: rail, palette and theme."""
