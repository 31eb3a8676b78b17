"""Make changes of journals detectable outside of the database: stream entries, and anchor the heads of chains."""
