"""Export and erase the data of customers that leave, and pseudonymise people who leave."""
