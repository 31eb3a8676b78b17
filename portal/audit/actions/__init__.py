"""Functions that send journal entries to a receiver, and that anchor the heads of chains."""
