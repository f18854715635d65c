"""The settings of Procura as commands offer them."""

from elements_procura.spec.options import FASTEST, GATE, Option

ACCOUNT = (
    Option(
        name="url",
        help="The address with its context, such as https://api.procura.nl/dossiers.",
        is_required=True,
    ),
    Option(name="client_id", is_required=True, help="The client's id, from the municipality."),
)
"""The owner of the data, and the way to get access."""
PACE = (
    Option(
        name="per_second",
        kind="number",
        default=10.0,
        least=0.1,
        most=FASTEST,
        help="Requests per second to make at most; no limit is documented.",
    ),
    GATE,
    Option(
        name="page_size",
        kind="whole",
        default=250,
        least=1,
        most=5_000,
        help="Dossiers to ask for at a time; fewer where the back office is slow.",
    ),
)
"""How fast a harvest may go."""
SELECTION = (
    Option(
        name="include",
        metavar="KINDS",
        help="Only these, separated by commas: details,documents; all is both. Besides: content, "
        "the bytes of every document.",
    ),
    Option(
        name="first",
        metavar="YYYY-MM-DD",
        help="Only dossiers that were filed from this day on.  [default: 1900-01-01]",
    ),
    Option(
        name="last",
        metavar="YYYY-MM-DD",
        help="Only dossiers that were filed until this day.  [default: today, in the Netherlands]",
    ),
)
"""The dossiers to harvest, and the parts of each."""
