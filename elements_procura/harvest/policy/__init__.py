"""Pure decisions: what to ask for next, what it will cost, when a loss is believed."""
