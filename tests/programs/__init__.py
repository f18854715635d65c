"""The programs of ``examples/``, run with the libraries that they are made for."""
