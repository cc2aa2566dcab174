from __future__ import annotations

import email.utils
import gzip
import os
import socket
import ssl
import time
import zlib
from pathlib import Path

import pytest
import requests

from chaintrace.errors import RateLimited, Refused, Unreachable
from chaintrace.fetch.fault import explain
from chaintrace.fetch.transport import Limits, Transport
from tests.fetch import hostile
from tests.fetch.hostile import QUICK, Hostile, Play, Seen, ask, no_proxy  # noqa: F401

pytestmark = pytest.mark.usefixtures("no_proxy")
RPC_ERROR = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}'


# ---- what is sent ------------------------------------------------------------------------------------------------


def test_a_question_goes_out_as_json_and_its_answer_comes_back():
    with Hostile(hostile.echo()) as server, Transport(server.url + "/v3?key=abc", headers={"X-Key": "k"}) as transport:
        assert transport.post(b'{"id":1}') == b'{"id":1}'
        seen = server.seen[0]
    assert (seen.method, seen.target) == ("POST", "/v3?key=abc")
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["accept-encoding"] == "gzip, deflate"
    assert seen.headers["x-key"] == "k"


def test_get_joins_path_and_query_to_those_of_the_url():
    with Hostile(hostile.plain()) as server, Transport(server.url + "/api/?key=abc", kind="esplora") as transport:
        transport.get("/tx/a b", {"page": "1", "q": "x&y"})
        transport.get("", {})
        assert transport.name == f"esplora {server.place}"
        assert [seen.target for seen in server.seen] == ["/api/tx/a%20b?key=abc&page=1&q=x%26y", "/api/?key=abc"]
        assert "content-type" not in server.seen[0].headers


def test_a_post_may_go_to_a_path_below_the_url():
    with Hostile(hostile.echo()) as server, Transport(server.url + "/1?key=abc") as transport:
        transport.post(b"{}", "json-rpc")
        assert server.seen[0].target == "/1/json-rpc?key=abc"


def test_userinfo_is_sent_as_basic_login_and_not_in_the_address():
    with Hostile(hostile.plain()) as server, Transport(f"http://us%40er:p%C3%A4ss@{server.place}/") as transport:
        transport.post(b"{}")
        assert server.seen[0].headers["authorization"] == "Basic dXNAZXI6cMOkc3M="
        assert server.seen[0].target == "/"


def test_netrc_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Hostile(hostile.plain()) as server, Transport(server.url) as transport:
        transport.post(b"{}")
        assert "authorization" not in server.seen[0].headers


def test_cookies_are_not_kept():
    with Hostile(hostile.plain(Set_Cookie="a=b; Path=/")) as server, Transport(server.url) as transport:
        transport.post(b"{}")
        transport.post(b"{}")
        assert "cookie" not in server.seen[1].headers


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch):
    with Hostile(hostile.plain(b"by proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with Transport("http://node.invalid/v3") as transport:
            assert transport.post(b"{}") == b"by proxy"
        assert proxy.seen[0].target == "http://node.invalid/v3"


@pytest.mark.parametrize(
    "play",
    [
        hostile.plain(b"[1,2]"),
        hostile.chunked(b"[1", b",2]"),
        hostile.raw(b"HTTP/1.1 200 OK\r\n\r\n[1,2]"),
        hostile.plain(gzip.compress(b"[1,2]"), Content_Encoding="gzip"),
        hostile.plain(gzip.compress(b"[1") + gzip.compress(b",2]"), Content_Encoding="x-gzip"),
        hostile.chunked(gzip.compress(b"[1,2]")[:9], gzip.compress(b"[1,2]")[9:], Content_Encoding="gzip"),
        hostile.plain(zlib.compress(b"[1,2]"), Content_Encoding="deflate"),
        hostile.plain(zlib.compress(b"[1,2]", wbits=-15), Content_Encoding="deflate"),
        hostile.chunked(*[bytes([byte]) for byte in zlib.compress(b"[1,2]", wbits=-15)], Content_Encoding="deflate"),
        hostile.chunked(*[bytes([byte]) for byte in zlib.compress(b"[1,2]")], Content_Encoding="deflate"),
    ],
)
def test_a_body_is_read_in_every_framing_and_packing(play: Play):
    assert ask(play) == b"[1,2]"


@pytest.mark.parametrize("packing", ["identity", "gzip"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_large_body_comes_whole_and_its_connection_is_used_again(packing: str, framing: str):
    body = os.urandom(3_000_000)
    sent = gzip.compress(body, 1) if packing == "gzip" else body
    pieces = [sent[at : at + 70_001] for at in range(0, len(sent), 70_001)]
    play = hostile.chunked(*pieces, Content_Encoding=packing)
    with Hostile(play if framing == "chunked" else hostile.plain(sent, Content_Encoding=packing)) as server:
        with Transport(server.url) as transport:
            assert [transport.post(b"{}") == body for _ in range(3)] == [True] * 3
        assert server.connections == 1


def test_a_closed_transport_opens_again_when_it_is_asked():
    with Hostile(hostile.echo()) as server, Transport(server.url) as transport:
        transport.close()
        transport.post(b"1")
        transport.close()
        transport.close()
        assert transport.post(b"2") == b"2"
        assert server.connections == 2


# ---- broken answers and tries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "play",
    [
        hostile.truncated(),
        hostile.truncated(status=500),
        hostile.chunked(b"[1", end=False),
        hostile.raw(hostile.head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\nab"),
        hostile.raw(b""),
        hostile.raw(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        hostile.raw(b"SSH-2.0-OpenSSH\r\n"),
        hostile.raw(hostile.head(200, {"Content-Encoding": "gzip"}) + gzip.compress(b"[1,2,3]")[:-9]),
        hostile.raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        hostile.reset(),
    ],
)
def test_a_response_that_breaks_off_is_asked_for_again_and_ends_as_unreachable(play: Play):
    with Hostile(play) as server, Transport(server.url, limits=QUICK) as transport:
        with pytest.raises(Unreachable, match="broke off") as caught:
            transport.post(b"{}")
        assert (caught.value.tries, transport.requests, len(server.seen)) == (3, 3, 3)
        assert caught.value.provider == f"rpc {server.place}"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("first", [None, hostile.truncated(), hostile.reset()])
def test_trouble_that_passes_is_not_noticed(status: int, first: Play | None):
    with (
        Hostile(first or hostile.plain(b"busy", status), hostile.plain(b"fine")) as server,
        Transport(server.url, limits=QUICK) as transport,
    ):
        assert transport.post(b"{}") == b"fine"
        assert transport.requests == len(server.seen) == 2


def test_a_server_error_that_stays_is_unreachable_with_its_words():
    with pytest.raises(Unreachable, match="HTTP 502, bad gateway") as caught:
        ask(hostile.plain(b"bad\n gateway", 502))
    assert caught.value.tries == 3


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with (
            Transport(url, limits=QUICK) as transport,
            pytest.raises(Unreachable, match="connection refused") as caught,
        ):
            transport.post(b"{}")
    assert caught.value.tries == 3


@pytest.mark.parametrize(
    ("error", "reason", "final"),
    [
        (requests.ConnectTimeout("secret"), "no connection within 1 s", False),
        (requests.ReadTimeout("secret"), "not a byte for 2 s", False),
        (requests.exceptions.InvalidURL("secret"), "is not one", True),
        (requests.exceptions.ProxyError("secret"), "the proxy", False),
        (requests.exceptions.SSLError("secret"), "broke off", False),
        (ssl.SSLError("secret"), "TLS failed", False),
        (requests.ConnectionError(ssl.SSLCertVerificationError("secret")), "not to be trusted", True),
        (requests.ConnectionError("secret"), "broke off", False),
    ],
)
def test_an_error_of_the_library_is_told_in_our_own_words(error: Exception, reason: str, final: bool):
    broken = explain(error, (1, 2))
    assert reason in broken.reason
    assert "secret" not in broken.reason
    assert broken.final == final


def test_a_host_without_a_name_is_unreachable(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        Transport("http://node.invalid/v3", limits=QUICK) as transport,
        pytest.raises(Unreachable, match="the name of the host is not known"),
    ):
        transport.post(b"{}")


def test_the_waits_double_up_to_the_patience():
    waits: list[float] = []
    with (
        Hostile(hostile.plain(b"", 500)) as server,
        Transport(server.url, limits=Limits(tries=6, patience=2), sleep=waits.append) as transport,
        pytest.raises(Unreachable),
    ):
        transport.post(b"{}")
    assert waits == [0.2, 0.4, 0.8, 1.6, 2]


# ---- patience ----------------------------------------------------------------------------------------------------


def waits_for(header: str | None, status: int = 429, **limits: float) -> tuple[list[float], int]:
    waits: list[float] = []
    named = {} if header is None else {"Retry_After": header}
    with (
        Hostile(hostile.plain(b"slow down", status, **named), hostile.plain()) as server,
        Transport(server.url, limits=Limits(**limits), sleep=waits.append) as transport,
    ):
        transport.post(b"{}")
        return waits, transport.requests


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_waited_for(status: int):
    assert waits_for("7", status) == ([7], 2)


def test_retry_after_as_a_date_is_waited_for():
    waits, _ = waits_for(email.utils.formatdate(time.time() + 20, usegmt=True))
    assert 18 < waits[0] <= 20


@pytest.mark.parametrize("header", [None, "0", "soon", "-5", "1e3", "Thu, 01 Jan 1970 00:00:00 GMT", "²"])
def test_without_a_time_to_wait_for_the_usual_wait_is_kept(header: str | None):
    assert waits_for(header and header.encode().decode("latin-1")) == ([0.2], 2)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("date", [False, True])
def test_longer_than_the_patience_is_not_waited_for(status: int, date: bool):
    header = email.utils.formatdate(time.time() + 3600, usegmt=True) if date else "3600"
    with Hostile(hostile.plain(b"", status, Retry_After=header)) as server, Transport(server.url) as transport:
        with pytest.raises(RateLimited) as caught:
            transport.post(b"{}")
        assert transport.requests == 1
    assert 3590 <= (caught.value.wait or 0) <= 3600


@pytest.mark.parametrize(
    ("status", "left", "tries"), [(429, "0", 1), (429, "19", 1), (402, "0", 1), (429, "20", 2), (429, "many", 2)]
)
def test_credits_that_are_used_up_are_said_and_not_asked_for_again(status: int, left: str, tries: int):
    with (
        Hostile(hostile.plain(b"no more", status, X_Credits_Remaining=left)) as server,
        Transport(server.url, limits=Limits(tries=2, patience=0)) as transport,
    ):
        with pytest.raises(RateLimited) as caught:
            transport.post(b"{}")
        assert transport.requests == tries
    assert ("credits are used up" in str(caught.value)) is (tries == 1)


def test_a_limit_that_outlasts_the_tries_is_named():
    with pytest.raises(RateLimited, match="HTTP 429, enough") as caught:
        ask(hostile.plain(b"enough", 429))
    assert caught.value.wait is None


def test_the_rate_is_kept_by_retries_too_and_every_request_is_counted():
    limits = Limits(rate=50, burst=2, tries=9, patience=0, workers=4)
    with (
        Hostile(*[hostile.plain(b"", 500)] * 8, hostile.plain()) as server,
        Transport(server.url, limits=limits) as transport,
    ):
        transport.post_all([b"{}"] * 8)
        times = sorted(seen.time for seen in server.seen)
        assert transport.requests == len(times) == 16
    assert times[-1] - times[0] >= (16 - 2) / 50 - 0.02


# ---- no ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 451, 501, 505, 300, 304])
def test_a_no_is_refused_at_once_with_the_providers_words(status: int):
    with (
        Hostile(hostile.plain(b"\x1b[31mno \x00such\r\n  thing " + b"x" * 999, status)) as server,
        Transport(server.url, limits=QUICK) as transport,
    ):
        with pytest.raises(Refused) as caught:
            transport.post(b"{}")
        assert transport.requests == 1
    assert caught.value.code == status
    assert caught.value.reason.startswith(f"HTTP {status}")
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 220
    assert status < 400 or "no such thing x" in caught.value.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
@pytest.mark.parametrize("body", [RPC_ERROR, b"[" + RPC_ERROR + b"]"])
def test_an_error_of_json_rpc_is_an_answer_whatever_the_status(status: int, body: bytes):
    assert ask(hostile.plain(body, status)) == body


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"[1]", b'{"error":1}', b'{"jsonrpc":"2.0","result":1}', b"[" * 100_000]
)
def test_other_json_under_an_error_is_none(body: bytes):
    with pytest.raises(Refused):
        ask(hostile.plain(body, 400))


def test_too_many_is_too_many_even_as_json_rpc_and_get_knows_no_json_rpc():
    with pytest.raises(RateLimited):
        ask(hostile.plain(RPC_ERROR, 429))
    with (
        Hostile(hostile.plain(RPC_ERROR, 400)) as server,
        Transport(server.url) as transport,
        pytest.raises(Refused),
    ):
        transport.get("x", {})


def test_an_error_page_of_any_size_and_packing_is_only_begun():
    begin = hostile.head(403, {"Transfer-Encoding": "chunked"}) + b"100000\r\n" + b"y" * (1 << 20) + b"\r\n"
    with pytest.raises(Refused, match="HTTP 403, yyy"):
        ask(hostile.raw(begin + b"100000\r\n" + b"y" * (1 << 20)))
    with pytest.raises(Refused, match=r"HTTP 403\n"):
        ask(hostile.plain(b"??", 403, Content_Encoding="br"))
