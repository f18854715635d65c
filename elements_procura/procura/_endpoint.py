"""The decorator that names the documented endpoints of a method, and the templates made of them."""

from elements_procura.core.endpoints import Endpoints

endpoint = Endpoints(words=("oauth", "token"))  # the token endpoint's
TEMPLATES = endpoint.templates
