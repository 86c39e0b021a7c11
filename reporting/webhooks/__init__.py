"""Webhooks: CloudEvents, signed; not sent to addresses inside one's own network, unless the operator says so."""
