"""The settings of Elements as commands offer them."""

from elements_procura.spec.options import FASTEST, GATE, Option

ACCOUNT = (
    Option(
        name="host",
        help="HOST of https://HOST.fasterforwardelements.nl, or a whole address.",
        is_required=True,
    ),
    Option(name="client_id", is_required=True, help="The application's id, from the vendor."),
    Option(
        name="flow",
        choices=("organisation", "code"),
        default="organisation",
        help="Whose data: an organisation's, or a person's who agrees in a browser.",
    ),
    Option(
        name="organisation",
        needed_with=("flow", "organisation"),
        help="Id of the organisation whose data is read, from the vendor.",
    ),
    Option(name="user", default="me", help="With --flow code: your own name for the person."),
    Option(name="webservice", default="data", help="The vendor's name of the service."),
    Option(
        name="scopes",
        flag="--scope",
        is_many=True,
        default=("klantdossier.read",),
        help="A right to ask for. Repeatable; in the variable they are separated by spaces.",
    ),
    Option(
        name="token_in",
        choices=("query", "header"),
        default="query",
        help="Where the token travels: as 1.9.6 documents, or as newer releases take it.",
    ),
    Option(
        name="token_store",
        default="auto",
        metavar="PLACE",
        help="memory, file, keyring or the redis:// URL of a server; auto: the file of a login "
        "if there is one, else memory.",
    ),
    Option(
        name="token_folder", kind="folder", help="Of the file store; by default the user's own."
    ),
)
"""The owner of the data, and the way to get access."""
PACE = (
    Option(
        name="per_second",
        kind="number",
        default=5.0,
        least=0.1,
        most=FASTEST,
        help="Requests per second that this account may make.",
    ),
    Option(
        name="per_day",
        kind="whole",
        default=100_000,
        least=1,
        help="Requests per day that this account may make.",
    ),
    Option(
        name="budget",
        default="80%",
        help="Part of the day's requests that a harvest may use.",
    ),
    GATE,
)
"""How fast a harvest may go."""
SELECTION = (
    Option(
        name="include",
        metavar="KINDS",
        help="Only these, separated by commas: klanten,adviseurs,kantoor,producten,bezittingen,"
        "registraties; all is all of these. Besides: profielfotos, and linked resources "
        "without documentation: documenten,emails,facturen,panden,stukken,taken.",
    ),
    Option(
        name="search",
        metavar="FILTER=VALUE",
        is_many=True,
        help="Only dossiers that fit, by a filter of the API such as kantoor=3888. Repeatable.",
    ),
    Option(
        name="ids",
        kind="file",
        help="Only the dossiers whose ids stand in this file, one a line.",
    ),
)
"""The dossiers to harvest, and the parts of each."""
