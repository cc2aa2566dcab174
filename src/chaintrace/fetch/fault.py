"""Faults of the network in plain words, without the url that the library's own words hold."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

import requests
from urllib3 import exceptions as urllib3

from chaintrace.fetch.answer import Broken


def explain(error: BaseException, timeout: tuple[float, float]) -> Broken:
    """What an error of requests, urllib3 or the socket means. ``timeout``: seconds to connect, and of silence.

    Only a certificate that is not trusted is final.
    """
    chain = list(_chain(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in chain)

    if has(ssl.SSLCertVerificationError):
        return Broken("its TLS certificate is not to be trusted", final=True)
    if has(requests.exceptions.InvalidURL, requests.exceptions.InvalidProxyURL):
        return Broken("the address, or that of the proxy, is not one", final=True)
    if has(requests.exceptions.ProxyError, urllib3.ProxyError):
        return Broken("the proxy gave no way through")
    if has(urllib3.NameResolutionError):
        return Broken("the name of the host is not known")
    if has(requests.ConnectTimeout, urllib3.ConnectTimeoutError) and not has(urllib3.NewConnectionError):
        return Broken(f"no connection within {timeout[0]:g} s")
    if has(requests.ReadTimeout, urllib3.ReadTimeoutError, TimeoutError):
        return Broken(f"not a byte for {timeout[1]:g} s")
    if has(urllib3.NewConnectionError):
        return Broken(f"no connection{_number(chain)}")
    if has(ssl.SSLError, urllib3.SSLError):
        return Broken("TLS failed")
    return Broken("the connection broke off")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that are inside it, each once."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]


def _number(chain: list[BaseException]) -> str:
    """The system's words for the first error number, such as 'Connection refused'."""
    number = next((each.errno for each in chain if isinstance(each, OSError) and each.errno), None)
    return "" if number is None else f": {os.strerror(number).lower()}"
