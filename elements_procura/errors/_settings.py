"""Errors about settings, with every fault that was found in them."""

from typing import NamedTuple

from elements_procura.errors._base import ConfigError


class SettingFault(NamedTuple):
    """One fault of the settings.

    Attributes:
        setting: Name of the setting.
        message: What would be right, never the value: it may be a secret in the wrong place.
    """

    setting: str
    message: str


class SettingsError(ConfigError):
    """Settings are missing or wrong; all of their faults are listed at once. Nothing was sent.

    Attributes:
        faults: Every fault.
    """

    code = "config"

    def __init__(
        self, message: str = "", *, faults: tuple[SettingFault, ...] = (), hint: str = ""
    ) -> None:
        listed = "; ".join(f"{setting} {text}" for setting, text in faults)
        super().__init__(": ".join(filter(None, (message, listed))), hint=hint)
        self.faults = faults
