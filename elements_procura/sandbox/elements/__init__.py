"""The Elements half of the sandbox: a world of dossiers, and how it answers."""
