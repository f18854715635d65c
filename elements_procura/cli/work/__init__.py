"""What commands do, without options and printing."""
