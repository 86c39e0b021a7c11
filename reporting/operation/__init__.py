"""For the operator: readiness, metrics, backups, and results of nightly jobs."""
