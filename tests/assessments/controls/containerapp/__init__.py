"""Container apps."""
