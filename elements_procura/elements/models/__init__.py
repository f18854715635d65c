"""Records of Elements, one module per resource; no wire spelling in here."""
