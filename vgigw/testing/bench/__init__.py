"""Measuring the way in: a served gateway against bare libraries that do the same work."""
