"""Recovery Services vaults and Backup vaults."""
