"""Records out of answers and bodies of requests, by the name of the resource."""
