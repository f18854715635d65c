"""The taken (tasks) and workflows of a product, whatever its kind."""

from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.evidence import ACCEPTED
from elements_procura.schema.sealed import Json, sealed

__all__ = ["Taken", "Workflows"]


class Taken(Resource):
    """Tasks, which can be added but not read."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/taken",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/taken",
        "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/taken",
        "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/taken",
    )
    @sealed
    async def add(self, taak: "bodies.TaakBody | Json", *, validate: bool = True) -> CreatedId:
        """Add a taak."""
        path = self._at("taken")
        return await self._api.add(path, taak, bodies.TaakBody, validate=validate)


class Workflows(Resource):
    """Workflows, which can be started; the API gives no further access to them."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/workflows",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/workflows",
        "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/workflows",
        "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/workflows",
    )
    @sealed
    async def add(self, workflow: "bodies.WorkflowBody | Json", *, validate: bool = True) -> None:
        """Start a workflow."""
        path, kind = self._at("workflows"), bodies.WorkflowBody
        await self._api.write("POST", path, workflow, kind, validate=validate, success=ACCEPTED)
