"""Entry point of the command line; names the extra to install if dependencies are missing."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    try:
        from elements_procura.cli import cli
        from elements_procura.cli._streams import lenient
    except KeyboardInterrupt:  # nothing was begun, and no frame of an import helps anybody
        sys.exit(_INTERRUPTED)
    except ModuleNotFoundError as error:
        if error.name not in ("click", "platformdirs", "rich"):
            raise
        sys.exit(
            "elements-procura: the command line needs an extra: pip install 'elements-procura[cli]'"
        )
    with lenient():
        cli(prog_name="elements-procura")


if __name__ == "__main__":
    main()
