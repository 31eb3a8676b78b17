"""Replace the names of people who leave by pseudonyms, in all organizations and in their journals."""
