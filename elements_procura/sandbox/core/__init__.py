"""What the sandboxes of both APIs share: listening, limits, faults, weather, the log."""
