"""Requests without a complete answer, and the aiohttp exceptions that cause them."""

import aiohttp
import attrs

from elements_procura.retry import Failure


@attrs.frozen(eq=False, repr=False)
class NoAnswer:
    """No whole answer came.

    Attributes:
        failure: What repeating it could do.
        text: What happened, without any value.
        sent: Whether any of the request may have reached the server.
        host_unknown: Whether the host's name does not resolve.
        too_large: Whether reading stopped because the answer is over ``max_bytes``.
    """

    failure: Failure
    text: str
    sent: bool = True
    host_unknown: bool = False
    too_large: bool = False


def failure_of(error: Exception) -> NoAnswer:
    """Return what an exception of aiohttp means, without the exception."""
    unknown = isinstance(error, aiohttp.ClientConnectorDNSError)
    for kinds, failure, text in _UNSENT:
        if isinstance(error, kinds):
            return NoAnswer(failure, text, sent=False, host_unknown=unknown)
    for kinds, failure, text in _SENT:
        if isinstance(error, kinds):
            return NoAnswer(failure, text)
    return NoAnswer(Failure.FATAL, f"the HTTP library failed with {type(error).__name__}")


_Meanings = tuple[tuple[tuple[type[Exception], ...], Failure, str], ...]
_UNSENT: _Meanings = (
    ((aiohttp.ClientConnectorDNSError,), Failure.NOT_SENT, "the host's name does not resolve"),
    (
        (aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError),
        Failure.FATAL,
        "TLS failed: the server's certificate is not trusted here, or no TLS is spoken",
    ),
    ((aiohttp.ServerFingerprintMismatch,), Failure.FATAL, "TLS failed: another certificate"),
    ((aiohttp.ConnectionTimeoutError,), Failure.NOT_SENT, "no connection in time"),
    ((aiohttp.ClientConnectorError,), Failure.NOT_SENT, "the connection was refused"),
    ((aiohttp.ClientHttpProxyError,), Failure.FATAL, "the proxy refused"),
    ((aiohttp.InvalidURL,), Failure.FATAL, "the address is not valid"),
)
"""aiohttp's exceptions from before anything was sent; the first that fits holds."""
_SENT: _Meanings = (
    ((TimeoutError,), Failure.TIMEOUT, "no answer in time"),
    ((aiohttp.ClientPayloadError,), Failure.BROKEN, "the answer broke off"),
    ((aiohttp.ClientResponseError,), Failure.BROKEN, "the answer is no valid HTTP"),
    ((aiohttp.ClientConnectionError, OSError), Failure.BROKEN, "the connection broke"),
)
"""aiohttp's exceptions from when the server may have seen the request."""
