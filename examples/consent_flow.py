"""Somebody moves in with you: find out, look at it, and consent.

Runs against a sandbox of its own:

    python examples/consent_flow.py

Against a real server, only the client is made differently:

    ProcuraClient("https://HOST/dossiers", credentials=("client", "secret"))
"""

# ruff: noqa: INP001, T201 - a script that prints

import asyncio
import datetime as dt

from elements_procura.procura import (
    Consent,
    ConsentBody,
    DossierBody,
    DossierType,
    IntraRelocation,
    IntraRelocationBody,
    LiveInBody,
    NewAddressBody,
    PersonBody,
    ProcuraClient,
    RelocatorBody,
    TaskState,
    TaskType,
)
from elements_procura.sandbox import ProcuraSandbox

OCCUPANT = "000000036"
NEWCOMER = "000000048"


async def consent_to_all(procura: ProcuraClient, bsn: str, decision: Consent) -> list[str]:
    """Decide on every relocation that waits for this person; return the dossiers' ids."""
    decided = []
    waiting = await procura.tasks.search(
        bsns=[bsn],
        types=[TaskType.RELOCATION_LODGING_CONSENT],
        statusses=[TaskState.PLANNED],
    )
    for task in waiting.content:
        if task.dossier_id is None or task.dossier_type is None:
            continue
        is_inter = task.dossier_type.code == DossierType.INTER_MUN_RELOCATION
        relocations = procura.relocations.inter if is_inter else procura.relocations.intra
        relocation: IntraRelocation = await relocations.get(task.dossier_id)
        print(describe(relocation))
        await relocations.consent(
            ConsentBody(dossier_id=task.dossier_id, consenter=PersonBody(bsn=bsn), consent=decision)
        )
        decided.append(task.dossier_id)
    return decided


def describe(relocation: IntraRelocation) -> str:
    """What the person is asked, without a word about who moves."""
    dossier = relocation.dossier
    moves_on = dossier.start_date if dossier is not None else None
    people = len(relocation.relocators)
    return f"{people} moving in on {moves_on:%d-%m-%Y}" if moves_on else f"{people} moving in"


async def main() -> None:
    """File a relocation that needs consent, then consent to it."""
    async with ProcuraSandbox(dossiers=0) as sandbox:
        given = sandbox.credentials
        credentials = (given["client_id"], given["client_secret"])
        async with ProcuraClient(sandbox.url, credentials=credentials) as procura:
            await procura.relocations.intra.add(moving_in())
            for dossier_id in await consent_to_all(procura, OCCUPANT, Consent.APPROVED):
                relocation = await procura.relocations.intra.get(dossier_id)
                live_in = relocation.new_address and relocation.new_address.live_in
                print(f"{dossier_id}: {live_in.consent if live_in else 'unknown'}")


def moving_in() -> IntraRelocationBody:
    """A relocation to an address where somebody lives already."""
    return IntraRelocationBody(
        dossier=DossierBody(start_date=dt.date(2024, 3, 1)),
        declarant=PersonBody(bsn=NEWCOMER),
        new_address=NewAddressBody(
            street="Dorpstraat",
            house_number=1,
            postal_code="1234AA",
            number_of_residents=2,
            live_in=LiveInBody(live_in_applicable=True),
            main_occupant=PersonBody(bsn=OCCUPANT),
        ),
        relocators=(RelocatorBody(bsn=NEWCOMER, declaration_type="REGISTERED"),),
    )


if __name__ == "__main__":
    asyncio.run(main())
