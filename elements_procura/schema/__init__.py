"""JSON to records and back: the compiler of models, scalars, lists, request bodies."""
