"""The signed PDF report: gathered by selectors, rendered, signed, stored; and verified without us."""
