"""For the operator: readiness, metrics, backups, and how the nightly jobs ended."""
