"""The decorator that says which documented endpoint a method calls."""

from elements_procura.core.endpoints import Endpoints

endpoint = Endpoints()
