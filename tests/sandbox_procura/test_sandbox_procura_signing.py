"""The sandbox's signatures are those of RS256, as a library that knows them says."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from elements_procura.sandbox.procura.signing import RsaKey


def test_a_signature_is_what_a_library_takes_for_one() -> None:
    key = RsaKey()
    public = rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key()
    public.verify(key.sign(b"a token"), b"a token", padding.PKCS1v15(), hashes.SHA256())


def test_another_message_key_or_signature_is_refused() -> None:
    key = RsaKey()
    signature = key.sign(b"a token")
    assert key.verify(b"a token", signature)
    assert not key.verify(b"another", signature)
    assert not RsaKey().verify(b"a token", signature)
    assert not key.verify(b"a token", b"")
    assert not key.verify(b"a token", signature + b"\0")
