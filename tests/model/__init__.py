"""Small models, searched to their end."""
