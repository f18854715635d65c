"""Pure decisions: the next requests, their cost, and when a loss is believed."""
