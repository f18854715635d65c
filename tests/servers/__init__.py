"""Tests against real servers, run by ``nox -s fleet`` alone."""
