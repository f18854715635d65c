"""The paths that the documentation of Procura spells: all that may be shown of any path.

A test holds them against the endpoints that the client has.
"""

from elements_procura.paths import Templates

TEMPLATES = Templates(
    [
        "/api/v1/births",
        "/api/v1/births/info/acknowledgement",
        "/api/v1/births/info/family-situation",
        "/api/v1/births/info/name-selection",
        "/api/v1/births/{dossierId}",
        "/api/v1/commitments",
        "/api/v1/commitments/{dossierId}",
        "/api/v1/commitments/{dossierId}/cancel",
        "/api/v1/dataimport/add",
        "/api/v1/deaths/discovered-body",
        "/api/v1/deaths/discovered-body/{dossierId}",
        "/api/v1/deaths/in-municipality",
        "/api/v1/deaths/in-municipality/{dossierId}",
        "/api/v1/dossiers/search",
        "/api/v1/dossiers/{dossierId}/documents",
        "/api/v1/dossiers/{dossierId}/documents/{documentId}",
        "/api/v1/info",
        "/api/v1/relatives/{bsn}",
        "/api/v1/relocations/info/relatives/{bsn}",
        "/api/v1/relocations/inter",
        "/api/v1/relocations/inter/consent",
        "/api/v1/relocations/inter/{dossierId}",
        "/api/v1/relocations/intra",
        "/api/v1/relocations/intra/consent",
        "/api/v1/relocations/intra/{dossierId}",
        "/api/v1/tasks/search",
    ],
    words=("oauth", "token"),
)
