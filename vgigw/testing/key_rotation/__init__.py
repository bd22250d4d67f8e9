"""Keys of two served gateways are rotated and revoked while messages go both ways. ACC-5.8, F83."""
