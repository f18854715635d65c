"""The commands: a module each, or one for a few that belong together. Options and printing."""
