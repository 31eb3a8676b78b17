"""Read Prowler's mute lists, compare them with the failing findings, and request exceptions for matching findings."""
