"""Pages of the activities room."""
