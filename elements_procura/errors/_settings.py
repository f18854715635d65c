"""Errors about settings, with every fault that was found in them."""

from typing import NamedTuple

from elements_procura.errors._base import ConfigError


class SettingFault(NamedTuple):
    """One fault of the settings.

    Attributes:
        setting: Name of the setting.
        message: A description of valid values, never the value: it may be a secret in the wrong
            place.
        hint: The next step, or an empty string.
    """

    setting: str
    message: str
    hint: str = ""


class SettingsError(ConfigError):
    """Settings are missing or wrong; all of their faults are listed at once. Nothing was sent.

    Attributes:
        faults: Every fault.
    """

    code = "config"

    def __init__(
        self, message: str = "", *, faults: tuple[SettingFault, ...] = (), hint: str = ""
    ) -> None:
        listed = "; ".join(f"{fault[0]} {fault[1]}" for fault in faults)
        hints = dict.fromkeys(filter(None, (getattr(fault, "hint", "") for fault in faults)))
        super().__init__(": ".join(filter(None, (message, listed))), hint=hint or "; ".join(hints))
        self.faults = faults
