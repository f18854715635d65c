"""What a user is shown: words, lines and bars for the state of things."""
