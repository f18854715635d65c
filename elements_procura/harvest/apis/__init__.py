"""What a harvest knows of each API: its kinds, how they are listed and asked for."""
