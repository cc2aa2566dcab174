"""A key, put where keys are put, goes through every way to fail and is then looked for everywhere it must not be."""

from __future__ import annotations

import base64
import gzip
import logging
import pickle
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from chaintrace.errors import ChaintraceError, InputError, Malformed, RateLimited, Refused, Unreachable
from chaintrace.fetch.transport import Limits, Transport
from tests.fetch import hostile
from tests.fetch.hostile import Hostile, Play, Seen, no_proxy  # noqa: F401

KEYS = ["c4n4ryKEYzqxj", "c4n4ry+KEY/zq xj="]
LIMITS = Limits(connect=1, silence=1, whole=2, size=1000, tries=2, patience=0.01, workers=2)
SLOW = replace(LIMITS, silence=0.08, whole=0.12, tries=1)
CORE = "c4n4ry"
PLACES: dict[str, Callable[[str, str], tuple[str, dict[str, str]]]] = {
    "path": lambda place, key: (f"http://{place}/v3/{quote(key, safe='')}/x", {}),
    "query": lambda place, key: (f"http://{place}/api?module=x&apikey={quote(key)}", {}),
    "bare query": lambda place, key: (f"http://{place}/api?{quote(key)}", {}),
    "user": lambda place, key: (f"http://{quote(key, safe='')}@{place}/", {}),
    "password": lambda place, key: (f"http://me:{quote(key, safe='')}@{place}/", {}),
    "login": lambda place, key: (f"http://{place}/", {"Authorization": f"Bearer {key}"}),
    "header": lambda place, key: (f"http://{place}/", {"X-Api-Key": key}),
}


def told(seen: Seen) -> str:
    return f"{seen.target} {seen.headers}"


def echoed(status: int, **headers: str) -> Play:
    def play(wire: socket.socket, seen: Seen) -> bool:
        return hostile.plain(told(seen).encode(), status, **headers)(wire, seen)

    return play


def packed_echo(wire: socket.socket, seen: Seen) -> bool:
    return hostile.plain(gzip.compress(told(seen).encode()), 403, Content_Encoding="gzip")(wire, seen)


def redirect_with_key(to: str) -> Play:
    def play(wire: socket.socket, seen: Seen) -> bool:
        return hostile.redirect(to.format(target=seen.target, core=seen.target.strip("/").replace("/", ".")))(
            wire, seen
        )

    return play


def broken_headers(wire: socket.socket, seen: Seen) -> bool:
    wire.sendall(b"HTTP/1.1 403 " + told(seen).encode() + b"\r\nno header: at all\r\n : " + told(seen).encode())
    wire.sendall(b"\r\nnothing\r\n\r\n" + told(seen).encode())
    return False


def not_http(wire: socket.socket, seen: Seen) -> bool:
    return hostile.raw(told(seen).encode() + b"\r\n\r\n")(wire, seen)


FAILURES: dict[str, tuple[Play, type[ChaintraceError]]] = {
    "drip in the headers": (hostile.drip_headers(), Unreachable),
    "drip in the body": (hostile.drip_body("chunked"), Unreachable),
    "silence": (hostile.stall(), Unreachable),
    "huge body": (hostile.endless(), Malformed),
    "bomb": (hostile.bomb(1 << 20), Malformed),
    "bad gzip": (hostile.plain(b"not gzip", Content_Encoding="gzip"), Malformed),
    "truncated": (hostile.truncated(), Unreachable),
    "broken chunk": (hostile.chunked(b"a", end=False), Unreachable),
    "reset": (hostile.reset(), Unreachable),
    "two lengths": (hostile.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab"), Unreachable),
    "not HTTP": (not_http, Unreachable),
    "broken headers": (broken_headers, Refused),
    "echo in a 403": (echoed(403), Refused),
    "packed echo in a 403": (packed_echo, Refused),
    "echo in a 404": (echoed(404), Refused),
    "echo in a 500": (echoed(500), Unreachable),
    "echo in a 429": (echoed(429), RateLimited),
    "too long a wait": (echoed(503, Retry_After="999"), RateLimited),
    "redirect elsewhere": (redirect_with_key("http://elsewhere.invalid{target}"), Refused),
    "redirect to a host of that name": (redirect_with_key("http://{core}.invalid/"), Refused),
    "redirect in a circle": (redirect_with_key("{target}"), Refused),
    "redirect of a POST": (hostile.redirect("/", 303), Refused),
}


pytestmark = pytest.mark.usefixtures("no_proxy")


@pytest.fixture(autouse=True)
def _all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def traces(error: BaseException) -> Iterator[str]:
    """The traceback with the variables of all frames but those of this file, which know the key."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    for frame in found.stack:
        yield "" if frame.filename == __file__ else str(frame.locals)
    yield "".join(traceback.format_exception(error))


def everywhere(
    error: BaseException, transport: Transport, logs: pytest.LogCaptureFixture, out: pytest.CaptureFixture[str]
) -> str:
    sinks = [repr(transport), str(transport), transport.name, repr(transport.limits), *out.readouterr()]
    sinks += [f"{record.__dict__} {record.getMessage()}" for record in logs.records] + [logs.text]
    for each in chain(error):
        sinks += [str(each), repr(each), repr(each.args), repr(vars(each)), str(pickle.dumps(each)), *traces(each)]
    return "\n".join(sinks)


def assert_hidden(key: str, text: str) -> None:
    logins = [base64.b64encode(each.encode()).decode() for each in (f"{key}:", f"me:{key}")]
    for needle in (CORE, "zqxj", "zq xj", "zq%20xj", "zq+xj", *logins):
        assert needle.lower() not in text.lower(), text


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_key_is_seen_nowhere_after(
    failure: str, place: str, key: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    play, kind = FAILURES[failure]
    with Hostile(play) as server:
        url, headers = PLACES[place](server.place, key)
        limits = SLOW if failure.startswith(("drip", "silence")) else LIMITS
        with Transport(url, headers=headers, limits=limits) as transport:
            with pytest.raises(kind) as caught:
                transport.post(b"{}")
            assert [*chain(caught.value)] == [caught.value]
            assert server.seen
            assert any(record.name.startswith("urllib3") for record in caplog.records)
            assert_hidden(key, everywhere(caught.value, transport, caplog, capsys))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ask", ["get", "post_all"])
def test_nor_after_other_ways_to_ask(
    ask: str, place: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    key = KEYS[1]
    with Hostile(echoed(403)) as server:
        url, headers = PLACES[place](server.place, key)
        with Transport(url, headers=headers, limits=LIMITS) as transport:
            with pytest.raises(Refused) as caught:
                transport.get("x", {"page": "1"}) if ask == "get" else transport.post_all([b"{}"] * 5)
            assert_hidden(key, everywhere(caught.value, transport, caplog, capsys))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("trouble", ["refused", "no name", "proxy", "library"])
def test_nor_without_a_connection(
    trouble: str,
    place: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    key = KEYS[1]

    def fails(*given: object, **named: object) -> None:
        kind = UnicodeError if trouble == "library" else socket.gaierror
        raise kind(socket.EAI_NONAME, f"{key} {given} {named}")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{free.getsockname()[1]}"
        if trouble == "proxy":
            monkeypatch.setenv("HTTP_PROXY", f"http://{dead}")
        elif trouble != "refused":
            monkeypatch.setattr(socket, "getaddrinfo", fails)
        url, headers = PLACES[place](dead if trouble == "refused" else "node.invalid", key)
        with Transport(url, headers=headers, limits=LIMITS) as transport:
            with pytest.raises(Unreachable) as caught:
                transport.post(b"{}")
            assert_hidden(key, everywhere(caught.value, transport, caplog, capsys))


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="there are no signals to threads")
@pytest.mark.parametrize("place", PLACES)
def test_nor_after_ctrl_c(place: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]):
    key = KEYS[0]
    with Hostile(hostile.stall()) as server:
        url, headers = PLACES[place](server.place, key)
        with Transport(url, headers=headers) as transport:
            main = threading.main_thread().ident or 0
            threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
            with pytest.raises(KeyboardInterrupt) as caught:
                transport.post(b"{}")
            assert_hidden(key, everywhere(caught.value, transport, caplog, capsys))


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("node.invalid/{}", {}),
        ("{}:node", {}),
        ("http:///{}", {}),
        ("http://[{}", {}),
        (b"http://host/c4n4ry", {}),
        ("http://host/{}", {"X-Key": "{}\n"}),
        ("http://host/{}", {"X-Key": b"c4n4ry"}),
    ],
)
def test_nor_when_no_transport_can_be_made(url: str, headers: dict[str, str]):
    url = url.format(KEYS[0]) if isinstance(url, str) else url
    headers = {name: value.format(KEYS[0]) if isinstance(value, str) else value for name, value in headers.items()}
    with pytest.raises(InputError) as caught:
        Transport(url, headers=headers)
    assert [*chain(caught.value)] == [caught.value]
    assert CORE not in " ".join([str(caught.value), repr(caught.value), str(vars(caught.value)), *traces(caught.value)])


def test_a_pickle_of_a_transport_is_none():
    with pytest.raises(TypeError) as caught:
        pickle.dumps(Transport(f"http://host/{KEYS[0]}"))
    assert CORE not in " ".join([str(caught.value), *traces(caught.value)])
