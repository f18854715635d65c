"""What a user gives: options, settings, files, and the places of stores."""
