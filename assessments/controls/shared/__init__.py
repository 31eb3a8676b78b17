"""Rules and facts that controls of several modules need, by topic. No control is declared here."""
