"""Records and bodies of Procura, one module per resource; no wire spelling in here."""
