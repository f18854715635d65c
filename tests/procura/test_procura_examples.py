"""The examples do what they say."""

import runpy
import subprocess
import sys
from pathlib import Path

from elements_procura.procura.models.enums import Consent
from elements_procura.procura.models.relocations import LiveInBody
from elements_procura.sandbox import ProcuraSandbox
from tests.client_kit import client_for
from tests.procura.procura_kit import FATHER, MOTHER, inter, intra, person

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_consent_flow_runs() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / "consent_flow.py"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ran.stderr == ""
    asked, decided = ran.stdout.splitlines()
    assert asked == "1 moving in on 01-03-2024"
    assert decided.endswith(": APPROVED")
    assert MOTHER not in ran.stdout


async def test_the_flow_decides_on_both_kinds_and_only_once() -> None:
    consent_to_all = runpy.run_path(str(EXAMPLES / "consent_flow.py"))["consent_to_all"]
    moving_in = LiveInBody(live_in_applicable=True)
    async with ProcuraSandbox(dossiers=0) as sandbox, client_for(sandbox) as client:
        for body, cases in (
            (intra(), client.relocations.intra),
            (inter(), client.relocations.inter),
        ):
            body.new_address.live_in = moving_in
            body.new_address.main_occupant = person(MOTHER)
            await cases.add(body)  # type: ignore[arg-type] # on purpose
        assert await consent_to_all(client, FATHER, Consent.DECLINED) == []
        decided = await consent_to_all(client, MOTHER, Consent.DECLINED)
        assert decided == list(sandbox.dossier_ids)
        assert [entry.path for entry in sandbox.log if "consent" in entry.path] == [
            "/api/v1/relocations/intra/consent",
            "/api/v1/relocations/inter/consent",
        ]
        assert await consent_to_all(client, MOTHER, Consent.APPROVED) == []
        stored = sandbox.cases[0].body["newAddress"]["liveIn"]
        assert stored["consent"] == "DECLINED"
        assert stored["consenter"]["bsn"] == MOTHER
