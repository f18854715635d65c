"""Tables in a database or a destination of dlt, brought up to date by every export."""
