"""RS256, small: enough to sign a sandbox's tokens as the real server does, and for nothing else.

A library would make everybody who tests against the sandbox install a compiled one. The keys are
short, live as long as the sandbox and guard synthetic data.
"""

import hashlib
import secrets
from typing import Final

_BITS: Final = 1024
_ROUNDS: Final = 20
_EXPONENT: Final = 65_537
# What PKCS #1 v1.5 puts before a SHA-256 digest.
_PREFIX: Final = bytes.fromhex("3031300d060960864801650304020105000420")


class RsaKey:
    """A key pair, made at random."""

    def __init__(self) -> None:
        while True:
            p, q = _prime(_BITS // 2), _prime(_BITS // 2)
            totient = (p - 1) * (q - 1)
            if p != q and totient % _EXPONENT:
                break
        self.modulus: int = p * q
        self.exponent = _EXPONENT
        self._secret = pow(_EXPONENT, -1, totient)

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``."""
        return pow(self._padded(message), self._secret, self.modulus).to_bytes(_BITS // 8, "big")

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's for ``message``."""
        found = pow(int.from_bytes(signature, "big"), self.exponent, self.modulus)
        return len(signature) == _BITS // 8 and found == self._padded(message)

    def _padded(self, message: bytes) -> int:
        digest = _PREFIX + hashlib.sha256(message).digest()
        filling = b"\xff" * (_BITS // 8 - len(digest) - 3)
        return int.from_bytes(b"\x00\x01" + filling + b"\x00" + digest, "big")


def _prime(bits: int) -> int:
    while True:
        # The two highest bits are set, so that the product of two has all of its bits.
        number = secrets.randbits(bits) | (0b11 << (bits - 2)) | 1
        if _is_prime(number):
            return number


def _is_prime(number: int) -> bool:
    """Miller and Rabin: wrong once in 4 ** rounds."""
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(_ROUNDS):
        power = pow(secrets.randbelow(number - 3) + 2, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = pow(power, 2, number)
            if power == number - 1:
                break
        else:
            return False
    return True
