"""Endpoint: the address of a provider, of which only the host may be shown."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from chaintrace.errors import InputError
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.veil import forms, redact

PORTS = {"http": 80, "https": 443}
# Schemes that may be repeated to the user; in "key:…" the scheme is the key.
KNOWN = frozenset({"file", "ftp", "ftps", "ipc", "ssh", "unix", "ws", "wss"})
QUOTED = 200


@dataclass(frozen=True)
class _Parts:
    scheme: str
    place: str
    port: int
    path: Secret
    query: Secret
    login: Secret | None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, _host(self.place), self.port


class Endpoint:
    """A url and its headers, any part of which but scheme, host and port may be a key.

    ``name`` is ``{kind} {host}[:port]``. InputError where the url has another scheme than http and https, or no host,
    or where a header cannot be sent; it shows scheme and host, or the header's name, at most.
    """

    def __init__(self, url: Secret, kind: str, headers: Mapping[str, Secret]) -> None:
        parts = _split(url)
        if isinstance(parts, InputError):
            raise parts
        self._parts = parts
        self.name = f"{kind} {parts.place}"
        for name, value in headers.items():
            if fault := _header_fault(name, value):
                raise InputError(self.name, fault, "copy name and value again; a key read from a file ends in one")
        self._headers = dict(headers)
        self.secrets = tuple(_pieces(url, parts, self._headers))

    def __repr__(self) -> str:
        return f"<Endpoint {getattr(self, 'name', 'unmade')}>"

    def url(self, path: str = "", query: Mapping[str, str] | None = None) -> Secret:
        """The address of a path below the url's own; its query goes along, and this one after it."""
        more, below = urlencode(query or {}), quote(path.lstrip("/"), safe="/:@!$&'()*+,;=~")
        parts = self._parts
        own = parts.path.reveal()
        whole = f"{own.rstrip('/')}/{below}" if below else own
        asked = "&".join(filter(None, (parts.query.reveal(), more)))
        return Secret(f"{parts.scheme}://{parts.place}{whole}" + (f"?{asked}" if asked else ""))

    def redirected(self, url: Secret, location: Secret) -> Secret | None:
        """Where a response's Location leads from ``url``; None where that is another scheme, host or port."""
        target = _split(Secret(_join(url, location)))
        if isinstance(target, InputError) or target.origin != self._parts.origin:
            return None
        # Built anew from our own host, so that no two readings of a strange url can differ.
        query = target.query.reveal()
        own = f"{self._parts.scheme}://{self._parts.place}"
        return Secret(f"{own}{target.path.reveal()}" + (f"?{query}" if query else ""))

    def host_of(self, url: Secret, location: Secret) -> str:
        """The host that a Location names, fit to be shown."""
        target = _split(Secret(_join(url, location)))
        return "no host" if isinstance(target, InputError) else self.shown(target.place)

    def shown(self, text: str) -> str:
        """Up to 200 printable characters of a stranger's text, with every secret hidden."""
        plain = " ".join("".join(c if c.isprintable() else " " if c.isspace() else "" for c in text).split())
        return redact(plain, self.secrets)[:QUOTED]

    def sign(self, request: Any) -> Any:
        """Add login and headers to a request. As the ``auth`` of requests it also keeps ~/.netrc out."""
        if self._parts.login is not None:
            request.headers["Authorization"] = self._parts.login.reveal()
        for name, value in self._headers.items():
            request.headers[name] = value.reveal()
        request.headers["Accept-Encoding"] = "gzip, deflate"
        return request


def _split(url: Secret) -> _Parts | InputError:
    try:
        parts = urlsplit(url.reveal().encode().decode().strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _bad("the url", "it is not a url")
    if parts.scheme not in PORTS:
        source = f"{parts.scheme}://{host}" if parts.scheme in KNOWN else "the url"
        return _bad(source, "it does not begin with http:// or https://")
    if not host or re.search(r"[\s\\/]", host):
        return _bad(f"{parts.scheme}://", "it names no host")
    place = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    return _Parts(
        scheme=parts.scheme,
        place=place,
        port=port or PORTS[parts.scheme],
        path=Secret(parts.path or "/"),
        query=Secret(parts.query),
        login=_login(parts.username, parts.password),
    )


def _bad(source: str, reason: str) -> InputError:
    return InputError(source, reason, "give the provider's address as https://host/…, as its own page shows it")


def _login(user: str | None, password: str | None) -> Secret | None:
    if user is None and password is None:
        return None
    pair = f"{unquote(user or '')}:{unquote(password or '')}"
    return Secret("Basic " + base64.b64encode(pair.encode()).decode())


def _join(url: Secret, location: Secret) -> str:
    try:
        return urljoin(url.reveal(), location.reveal())
    except ValueError:
        return ""


def _host(place: str) -> str:
    return re.sub(r":[0-9]*$", "", place).lower()


def _header_fault(name: str, value: Secret) -> str:
    # RFC 9110, 5.1 and 5.5: a name is a token; a value has no control characters and no space around it.
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        return "a header's name holds characters that no header may have"
    if not re.fullmatch(r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?", value.reveal()):
        return f"the value of the header {name} holds a line break, a space around it, or another character too many"
    return ""


def _pieces(url: Secret, parts: _Parts, headers: Mapping[str, Secret]) -> list[Secret]:
    query = [value if is_pair else name for name, is_pair, value in _pairs(parts.query)]
    split = urlsplit(url.reveal().strip())
    values = [parts.path.reveal(), *parts.path.reveal().split("/"), parts.query.reveal(), *query, split.fragment]
    values += [split.netloc.rpartition("@")[0], split.username or "", split.password or ""]
    for secret in (*headers.values(), *([parts.login] if parts.login else [])):
        values += [secret.reveal(), *secret.reveal().split()[1:]]
    return [form for value in dict.fromkeys(values) for form in forms(value)]


def _pairs(query: Secret) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in query.reveal().split("&")]
