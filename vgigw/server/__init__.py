"""Assembly: configuration, stores, doors and senders put together, and served."""
