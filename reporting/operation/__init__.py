"""How the product is kept running: what the jobs of the night left, whether a server is ready, backups."""
