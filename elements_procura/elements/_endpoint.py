"""The decorator that names the documented endpoints of a method, and the templates made of them."""

from elements_procura.core.endpoints import Endpoints

endpoint = Endpoints(
    words=(
        # Linked by documented bodies and described nowhere.
        *("documenten", "emails", "hypotheekadviezen", "inkomensverzekeringen"),
        *("levensverzekeringen", "pensioenen", "profileprints", "schadeverzekeringen", "stukken"),
        *("uitvaartverzekeringen", "vermogenenbancair"),
        # The token endpoint.
        *("oauth", "access_token"),
    )
)
TEMPLATES = endpoint.templates
