"""The container and the distributions, as far as they can be checked without building either."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

from elements_procura.harvest import Store
from tests.cli.cli_running import run

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each on one line."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def last(name: str) -> str:
    return next(rest for word, rest in reversed(instructions()) if word == name)


async def test_the_entrypoint_is_a_command_of_the_package() -> None:
    (command,) = json.loads(last("ENTRYPOINT"))
    assert command in PROJECT["project"]["scripts"]
    done = await run(*json.loads(last("CMD")))
    assert (done.code, "harvest" in done.out) == (0, True)


async def test_the_container_is_healthy_while_its_store_can_be_read(tmp_path: Path) -> None:
    _, _, check = last("HEALTHCHECK").partition("CMD ")
    program, *words = json.loads(check)
    assert program == json.loads(last("ENTRYPOINT"))[0]
    folder = last("VOLUME")
    words = [str(tmp_path) if word == folder else word for word in words]
    assert (await run(*words)).code != 0
    Store.create(tmp_path / "elements.sqlite", tenant="t").close()
    assert (await run(*words)).code == 0
    (tmp_path / "elements.sqlite").write_bytes(b"no store")
    assert (await run(*words)).code != 0


def test_nobody_is_root_and_the_base_is_a_declared_python() -> None:
    stages = [rest for word, rest in instructions() if word == "FROM"]
    versions = {f"{match[1]}" for each in stages if (match := re.match(r"python:(3\.\d+)", each))}
    declared = {line.rsplit(" ", 1)[1] for line in PROJECT["project"]["classifiers"]}
    assert versions <= declared
    assert last("USER") != "root"
    (install,) = [shlex.split(rest) for word, rest in instructions() if word == "RUN"][:1]
    assert install[-1] == ".[${EXTRAS}]"
    (given,) = [rest for word, rest in instructions() if word == "ARG"]
    extras = given.removeprefix("EXTRAS=").split(",")
    assert set(extras) <= PROJECT["project"]["optional-dependencies"].keys()
    copied = [name for word, rest in instructions() if word == "COPY" for name in rest.split()]
    for name in copied:
        if name.startswith((".", "/", "--")):
            continue
        assert (ROOT / name).exists(), name


def test_notices_go_with_the_distributions() -> None:
    assert set(PROJECT["project"]["license-files"]) == {"LICENSE", "NOTICE"}
    sdist = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for name in (*sdist, "LICENSE", "NOTICE"):
        assert (ROOT / name).exists(), name
    assert {"docs", "NOTICE", "Dockerfile", "tests", "examples"} <= set(sdist)
    shared = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert all((ROOT / name).exists() for name in shared)
