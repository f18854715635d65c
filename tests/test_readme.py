"""What README shows is run as it stands, against the sandbox."""

import re
from pathlib import Path
from typing import Any

from elements_procura import ElementsClient
from elements_procura.harvest import Store
from elements_procura.sandbox import ProcuraSandbox, Sandbox

README = Path(__file__).parent.parent / "README.md"


def blocks() -> dict[str, str]:
    """The Python blocks of README by the heading they stand under."""
    found, heading = {}, ""
    text = README.read_text(encoding="utf-8")
    for line in re.split(r"(?m)^(## .*\n|```python\n[\s\S]*?^```$)", text):
        if line.startswith("## "):
            heading = line[3:].strip()
        elif line.startswith("```python"):
            found[heading] = line.removeprefix("```python\n").removesuffix("```")
    return found


def settings(sandbox: Sandbox) -> dict[str, Any]:
    """A client's settings for the sandbox."""
    given = sandbox.credentials
    return {
        "credentials": (given["client_id"], given["client_secret"]),
        "organisation": given["organisation"],
        "scopes": given["scopes"],
    }


async def execute(code: str, names: dict[str, Any]) -> None:
    """Run a block that may await at its top level."""
    body = "".join(f"    {line}\n" for line in code.splitlines())
    exec(f"async def block():\n{body}", names)
    await names["block"]()


async def test_the_client_in_12_lines(capsys: Any) -> None:
    code = blocks()["A client in 12 lines"]
    assert len([line for line in code.splitlines() if line.strip()]) <= 12
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        given = settings(sandbox)
        code = code.replace('"kantoor"', repr(sandbox.url))
        code = code.replace('("id", "secret")', repr(given["credentials"]))
        code = code.replace("14830", str(given["organisation"]))
        await execute(code.replace("asyncio.run(main())", "await main()"), {})
    assert capsys.readouterr().out == "Nieuw [('Bagijnenstraat', '3011HA')]\n"


async def test_writing_to_elements() -> None:
    async with (
        Sandbox(dossiers=2, limits="off") as sandbox,
        ElementsClient(sandbox.url, **settings(sandbox), rates=()) as elements,
    ):
        await execute(blocks()["All of Elements"], {"elements": elements})
        assert [(record.method, record.path) for record in sandbox.records] == [
            ("POST", "/api/data/klantdossiers/"),
            ("POST", "/api/data/klantdossiers/5526/klanten/particulier/120954/emailadressen"),
        ]


async def test_every_dossier_of_procura(capsys: Any) -> None:
    async with ProcuraSandbox(dossiers=40, seed=2) as sandbox:
        given = sandbox.credentials
        code = blocks()["Procura / vrijBRP Dossiers"]
        code = code.replace('"https://api.example.nl/dossiers"', repr(sandbox.url))
        code = code.replace('("id", "secret")', repr((given["client_id"], given["client_secret"])))
        await execute(code, {})
        in_2024 = {
            case.dossier()["dossierId"] for case in sandbox.cases if case.entered.year == 2024
        }
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == in_2024


async def test_the_harvest_in_python(tmp_path: Path, capsys: Any) -> None:
    code = blocks()["Harvest a real tenant"]
    store = str(tmp_path / "elements.sqlite")
    async with (
        Sandbox(dossiers=3, limits="off") as sandbox,
        ElementsClient(sandbox.url, **settings(sandbox), rates=()) as elements,
    ):
        code = code.replace('"elements.sqlite"', repr(store))
        await execute(code, {"elements": elements})
    assert capsys.readouterr().out == "True\n"
    with Store.read(store) as opened:
        assert opened.progress().harvested == 3


async def test_the_sandbox_for_tests_of_ones_own() -> None:
    await execute(blocks()["Tests of your own"], {})


def test_links_into_the_repository_lead_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    home = "https://github.com/elements-procura/elements-procura/"
    absolute = re.findall(rf"\({home}(?:blob|tree)/main/([^)#]+)", text)
    relative = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    found = [*absolute, *relative]
    assert found
    assert [each for each in found if not (README.parent / each).exists()] == []
