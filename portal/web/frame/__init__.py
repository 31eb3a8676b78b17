"""What stands around every page: the rail, the theme, the palette."""
