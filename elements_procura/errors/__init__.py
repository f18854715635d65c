"""Every exception of this package: one tree, nothing foreign in it.

::

    ElementsProcuraError
    ├── ConfigError                  settings are missing or wrong; nothing was sent
    │   └── SettingsError            all faults of the settings at once: ``faults``
    ├── InputError                   an argument cannot be sent as it is; nothing was sent
    │   └── BodyError                a body is not what the API documents; ``faults`` says where
    ├── ClosedError                  the client, scheduler or store is closed already
    ├── WrongLoopError               an object was used on another event loop than its own
    ├── ReadOnlyError                a writing call on a read-only client; nothing was sent
    ├── AuthenticationError          no usable token can be had
    │   ├── InvalidClient            the client's id, secret or address is wrong; a ConfigError
    │   ├── RefusedToken             the API refuses tokens that it has just given
    │   └── ReauthorizationRequired  a person has to grant access again
    ├── SearchIncomplete             a search cannot be made complete; ``gaps`` says what it lacks
    ├── ImportFindings               imported records with remarks on them; they are stored
    ├── DailyQuotaExceeded           the day's requests are used up, until ``resets_at``
    ├── RequestError                 one request went wrong: ``method`` and ``template`` say which
    │   ├── TransportError           no whole answer came
    │   │   ├── NotSent              the request provably never reached the server
    │   │   │   └── HostNotFound     the host's name does not resolve
    │   │   ├── ServerAway           a harvest has waited for the server as long as it may
    │   │   ├── RequestTimeout       no answer in time (of a request that is safe to repeat)
    │   │   └── OutcomeUnknown       a write was sent and nobody knows whether it took effect
    │   ├── ProtocolError            an answer came that cannot be the one asked for
    │   │   ├── IncompleteAnswer     a list that says itself that there is more
    │   │   └── ResponseTooLarge     the answer is over the size that was allowed
    │   └── StatusError              the server refused: ``status`` says how
    │       ├── BadRequest           400 and 422
    │       │   ├── AlreadyExists    the id or reference is taken
    │       │   ├── AmbiguousReference  several have the id or reference
    │       │   └── PayloadTooLarge  413, or the vendor's 400 for a body over its limit
    │       ├── Forbidden            403
    │       ├── NotFound             404 and 410
    │       ├── RateLimited          429 that did not go away
    │       └── ServerError          5xx, after the retries
    └── StoreError                   a file of ours (harvest, journal, download) fails

Messages carry the method and the path *template* (``GET /api/data/klantdossiers/{DOSSIER_ID}``),
never an address, a query, a token or a value out of a body: they may be logged as they are.
"""

from elements_procura.errors._auth import (
    AuthenticationError,
    InvalidClient,
    ReauthorizationRequired,
    RefusedToken,
)
from elements_procura.errors._base import (
    ClosedError,
    ConfigError,
    DailyQuotaExceeded,
    ElementsProcuraError,
    Ids,
    InputError,
    ReadOnlyError,
    StoreError,
    StoreInUse,
    WrongLoopError,
)
from elements_procura.errors._bodies import (
    BodyError,
    BodyFault,
    ServerFault,
    ServerText,
)
from elements_procura.errors._request import (
    HostNotFound,
    IncompleteAnswer,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    RequestError,
    RequestTimeout,
    ResponseTooLarge,
    ServerAway,
    TransportError,
)
from elements_procura.errors._search import (
    ImportFindings,
    SearchGap,
    SearchIncomplete,
)
from elements_procura.errors._settings import SettingFault, SettingsError
from elements_procura.errors._status import (
    AlreadyExists,
    AmbiguousReference,
    BadRequest,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    ServerError,
    StatusError,
)

__all__ = [
    "AlreadyExists",
    "AmbiguousReference",
    "AuthenticationError",
    "BadRequest",
    "BodyError",
    "BodyFault",
    "ClosedError",
    "ConfigError",
    "DailyQuotaExceeded",
    "ElementsProcuraError",
    "Forbidden",
    "HostNotFound",
    "Ids",
    "ImportFindings",
    "IncompleteAnswer",
    "InputError",
    "InvalidClient",
    "NotFound",
    "NotSent",
    "OutcomeUnknown",
    "PayloadTooLarge",
    "ProtocolError",
    "RateLimited",
    "ReadOnlyError",
    "ReauthorizationRequired",
    "RefusedToken",
    "RequestError",
    "RequestTimeout",
    "ResponseTooLarge",
    "SearchGap",
    "SearchIncomplete",
    "ServerAway",
    "ServerError",
    "ServerFault",
    "ServerText",
    "SettingFault",
    "SettingsError",
    "StatusError",
    "StoreError",
    "StoreInUse",
    "TransportError",
    "WrongLoopError",
]

for _name in __all__:
    # Tracebacks, logs and pickles name the public home of a class, whichever file it stands in.
    globals()[_name].__module__ = __name__
