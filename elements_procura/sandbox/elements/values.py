"""Single values that pass for real: names, places, BSNs, IBANs, dates.

Everything here is a function of the random numbers it is given. No person, account or number is
anybody's: BSNs begin with 999, which is never handed out.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

MEN: Final = (
    "Aad",
    "Bart",
    "Cees",
    "Daan",
    "Erik",
    "Frank",
    "Gijs",
    "Hugo",
    "Ivo",
    "Jan",
    "Kees",
    "Lars",
    "Mark",
    "Niels",
    "Otto",
    "Pieter",
    "Ruud",
    "Sander",
    "Thijs",
    "Willem",
    "Björn",
)
WOMEN: Final = (
    "Anna",
    "Bregje",
    "Carla",
    "Doortje",
    "Eva",
    "Fleur",
    "Greet",
    "Hanna",
    "Ilse",
    "Joke",
    "Kim",
    "Lotte",
    "Marieke",
    "Nienke",
    "Petra",
    "Roos",
    "Sanne",
    "Tess",
    "Wilma",
    "Yvonne",
    "Zoë",
)
SURNAMES: Final = (
    "Jansen",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "Bos",
    "Vos",
    "Peters",
    "Hendriks",
    "Dekker",
    "Brouwer",
    "Dijkstra",
    "Smits",
    "Kok",
    "Prins",
    "Huisman",
    "Postma",
    "Kuipers",
    "Veenstra",
    "Martens",
    "Hoekstra",
    "Schouten",
    "Willems",
    "Daniëls",
)
PREFIXED: Final = (
    ("de", "Vries"),
    ("van", "Dijk"),
    ("de", "Boer"),
    ("van den", "Berg"),
    ("van der", "Meer"),
    ("in 't", "Veld"),
    ("ter", "Horst"),
    ("van", "Leeuwen"),
)
STREETS: Final = (
    "Dorpsstraat",
    "Kerkstraat",
    "Stationsweg",
    "Molenweg",
    "Schoolstraat",
    "Wilhelminalaan",
    "Julianastraat",
    "Beatrixplein",
    "Lindelaan",
    "Eikenlaan",
    "Havenkade",
    "Noordwal",
    "Zuidsingel",
    "Parallelweg",
    "Marktplein",
    "Meidoornhof",
    "Vijverlaan",
    "Industrieweg",
)
# Town, lowest four digits of its postcodes, longitude, latitude.
TOWNS: Final = (
    ("Amsterdam", 1011, 4.8952, 52.3702),
    ("Rotterdam", 3011, 4.4777, 51.9244),
    ("Utrecht", 3511, 5.1214, 52.0907),
    ("Huizen", 1271, 5.2436, 52.2993),
    ("Bergen op Zoom", 4611, 4.2911, 51.4945),
    ("'s-Hertogenbosch", 5211, 5.3037, 51.6978),
    ("Groningen", 9711, 6.5665, 53.2194),
    ("Zwolle", 8011, 6.0830, 52.5168),
    ("Maastricht", 6211, 5.6910, 50.8514),
    ("Leeuwarden", 8911, 5.7999, 53.2012),
    ("Middelburg", 4331, 3.6110, 51.4988),
    ("Apeldoorn", 7311, 5.9699, 52.2112),
)
BANKS: Final = (
    ("ABNA", "ABNANL2A"),
    ("INGB", "INGBNL2A"),
    ("RABO", "RABONL2U"),
    ("SNSB", "SNSBNL2A"),
    ("ASNB", "ASNBNL21"),
    ("TRIO", "TRIONL2U"),
    ("KNAB", "KNABNL2H"),
)
LENDERS: Final = (
    "ABN AMRO",
    "ING",
    "Rabobank",
    "Obvion",
    "Florius",
    "Nationale-Nederlanden",
    "AEGON",
    "ASR",
    "Delta Lloyd",
    "Reaal",
    "Klaverblad",
    "Dela Verzekeringen",
)
_PAIRS: Final = 50_000
_STRIDE: Final = 20_011  # no common factor with the number of pairs
_LAST_KNOWN_SUMMER: Final = 2037


def dice(seed: int, *what: object) -> random.Random:
    """Random numbers that belong to ``what`` alone, whatever else was asked before."""
    # Reproducible on purpose, nothing secret hangs on it.
    return random.Random("/".join(map(str, (seed, *what))))


def ja_nee(value: object) -> str:
    """A boolean as most of the API writes it."""
    return "ja" if value else "nee"


def money(amount: float) -> str:
    """An amount as the API writes it."""
    return f"{amount:.2f}"


def bsn(number: int, *, seed: int) -> str:
    """The BSN of person ``number``: passes the 11-test, its own for the first 50,000 persons."""
    pair = (number * _STRIDE + seed) % _PAIRS
    for candidate in (2 * pair, 2 * pair + 1):
        digits = f"999{candidate:05}"
        check = sum(int(digit) * (9 - at) for at, digit in enumerate(digits)) % 11
        if check != 10:
            break
    # Neighbours differ by 2 in their sum: one of the two has a last digit.
    return f"{digits}{check}"


def iban(rng: random.Random) -> tuple[str, str, str]:
    """An account number, its IBAN with a right checksum, and the bank's BIC."""
    bank, bic = rng.choice(BANKS)
    account = f"{rng.randrange(100_000, 1_000_000_000):010}"
    letters = "".join(str(int(sign, 36)) for sign in f"{bank}{account}NL00")
    return account.lstrip("0"), f"NL{98 - int(letters) % 97:02}{bank}{account}", bic


def postcode(rng: random.Random, lowest: int) -> str:
    """A postcode of the town whose lowest is given."""
    letters = "ABCDEGHJKLNPRTVWXZ"
    return f"{lowest + rng.randrange(60)}{rng.choice(letters)}{rng.choice(letters)}"


def some_date(rng: random.Random, first: int, last: int) -> date:
    """A day in the years ``first`` to ``last``."""
    return date(rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28))


def years_after(day: date, years: int) -> date:
    """The same day, so many years on; days here never go beyond the 28th."""
    return day.replace(year=day.year + years)


def stamp(day: date, *, colon: bool = True) -> str:
    """A day, or a moment, in Dutch local time, the offset with a colon or without."""
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
    hours = 2 if _is_summer(moment) else 1
    return f"{moment.isoformat(timespec='seconds')}+{hours:02}{':' if colon else ''}00"


def _is_summer(moment: datetime) -> bool:
    """Summer time since 1977; after 2037 the documented server no longer knows of any."""
    year = moment.year
    if not 1977 <= year <= _LAST_KNOWN_SUMMER:
        return False
    return _last_sunday(year, 3) <= moment < _last_sunday(year, 10)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 2)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def pick(rng: random.Random, weighted: Sequence[tuple[Any, int]]) -> Any:
    """One of the first halves, as often as the second says."""
    mark = rng.randrange(sum(weight for _, weight in weighted))
    for value, weight in weighted:
        mark -= weight
        if mark < 0:
            return value
    raise AssertionError("unreachable: the mark is below the sum")
