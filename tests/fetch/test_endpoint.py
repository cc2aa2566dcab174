from __future__ import annotations

import pickle
import socket
import time

import pytest

from chaintrace.errors import InputError, MethodError, Refused
from chaintrace.fetch.transport import Limits, Transport
from tests.fetch import hostile
from tests.fetch.hostile import QUICK, Hostile, Play, Seen, ask, no_proxy  # noqa: F401

pytestmark = pytest.mark.usefixtures("no_proxy")


# ---- redirects ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("whole", [True, False])
def test_a_redirect_on_the_same_host_is_followed_with_body_and_headers(status: int, whole: bool):
    with Hostile(hostile.plain(b"", 500)) as server:
        to = f"http://x:y@{server.place}/new?a=b" if whole else "new?a=b"
        server.plays = [hostile.redirect(to, status), hostile.echo()]
        with Transport(server.url + "/old", headers={"Authorization": "Bearer k"}) as transport:
            assert transport.post(b"[7]") == b"[7]"
            assert transport.requests == 2
        assert server.seen[1].target == "/new?a=b"
        assert server.seen[1].headers["authorization"] == "Bearer k"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_may_turn_a_post_into_a_get_is_refused_and_a_get_goes_on(status: int):
    with (
        Hostile(hostile.redirect("/new", status), hostile.plain(b"there")) as server,
        Transport(server.url) as transport,
    ):
        with pytest.raises(Refused, match="redirects a POST") as caught:
            transport.post(b"{}")
        assert caught.value.code == status
        server.seen.clear()
        assert transport.get("old", {}) == b"there"


def test_a_redirect_to_another_place_is_refused_and_that_place_hears_nothing():
    with Hostile(hostile.plain()) as other, Hostile(hostile.plain()) as server:
        port = server.place.partition(":")[2]
        for to in (
            other.url + "/path?query",
            f"http://localhost:{port}/",
            f"https://{server.place}/",
            f"//{other.place}/",
            f"http://{server.place}\\@{other.place}/",
            f"http://{server.place}@{other.place}/",
            "ftp://127.0.0.1/",
            "http://[",
            "javascript:alert(1)",
        ):
            server.plays = [hostile.redirect(to)]
            with (
                Transport(server.url, headers={"Authorization": "k"}, limits=QUICK) as transport,
                pytest.raises(Refused, match="redirects to another place") as caught,
            ):
                transport.post(b"{}")
            assert caught.value.code == 307
            assert "path" not in str(caught.value)
            assert "query" not in str(caught.value)
        assert other.connections == 0
        assert len(server.seen) == 9


def test_a_redirect_to_nowhere_and_a_circle_are_refused():
    with pytest.raises(Refused, match="to nowhere"):
        ask(hostile.plain(b"", 307))
    with Hostile(hostile.redirect("/")) as server, Transport(server.url) as transport:
        with pytest.raises(Refused, match="more than 3 redirects"):
            transport.post(b"{}")
        assert transport.requests == 4


@pytest.mark.parametrize("to", ["/elsewhere", "http://other.invalid/"])
def test_the_body_of_a_redirect_is_not_read(to: str):
    def play(wire: socket.socket, seen: Seen) -> bool:
        wire.sendall(hostile.head(307, {"Location": to, "Transfer-Encoding": "chunked"}))
        while True:
            wire.sendall(b"10000\r\n" + bytes(1 << 16) + b"\r\n")

    begun = time.monotonic()
    with pytest.raises(Refused):
        ask(play)
    assert time.monotonic() - begun < 1


# ---- the user's fault --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("", "the url"),
        ("node.example/v3/canary", "the url"),
        ("canary:rest", "the url"),
        ("canary://host/", "the url"),
        ("wss://node.example/canary", "wss://node.example"),
        ("file:///canary", "file://"),
        ("https:///canary", "https://"),
        ("https://canary@/x", "https://"),
        ("https://[canary", "the url"),
        ("https://host:canary/", "the url"),
        ("https://host:99999/canary", "the url"),
        ("https://ho st/canary", "https://"),
        ("https://host/\udcffcanary", "the url"),
        (b"https://host/canary", "the url"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url: str, source: str):
    with pytest.raises(InputError) as caught:
        Transport(url)
    assert caught.value.source == source
    assert "canary" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("value", ["canary\n", " canary", "can\x00ary", "canary€", "canary\r\nX: y", b"canary"])
def test_a_header_that_cannot_be_sent_is_refused_and_not_repeated(value: str):
    with pytest.raises(InputError, match="the header X-Key") as caught:
        Transport("https://host/", headers={"X-Key": value})
    assert "ary" not in str(caught.value)


def test_a_header_with_no_proper_name_is_refused_and_not_repeated():
    with pytest.raises(InputError, match="name") as caught:
        Transport("https://host/", headers={"canary: x": "y"})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mainnet.infura.io/v3/key", "rpc mainnet.infura.io"),
        ("http://user:key@127.0.0.1:8545/", "rpc 127.0.0.1:8545"),
        ("HTTPS://[::1]:1/?key", "rpc [::1]:1"),
        (" https://Host/\n", "rpc host"),
    ],
)
def test_the_name_is_the_host_and_no_more(url: str, name: str):
    transport = Transport(url)
    assert transport.name == name
    assert repr(transport) == f"<Transport {name}>"


def test_a_transport_cannot_be_pickled():
    with pytest.raises(TypeError, match="make one in each process"):
        pickle.dumps(Transport("https://host/"))


@pytest.mark.parametrize(
    "limits", [{"tries": 0}, {"workers": 0}, {"whole": float("inf")}, {"size": -1}, {"patience": -1}, {"connect": 0}]
)
def test_limits_that_allow_nothing_are_refused(limits: dict[str, float]):
    with pytest.raises(MethodError, match=f"limit {next(iter(limits))}"):
        Limits(**limits)
