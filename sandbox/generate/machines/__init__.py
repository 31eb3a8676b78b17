"""Virtual machines with their disks, network interfaces and load balancers, and SQL Server on machines."""
