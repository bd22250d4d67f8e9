"""The ways out: couriers, one a framing, and the HTTP sender."""
