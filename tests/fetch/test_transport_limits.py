from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from chaintrace.errors import Malformed, Unreachable
from chaintrace.fetch.transport import Limits, Transport
from tests.fetch import hostile
from tests.fetch.hostile import Hostile, Play, Seen, ask, no_proxy  # noqa: F401

pytestmark = pytest.mark.usefixtures("no_proxy")


# ---- time and size -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "play",
    [
        hostile.drip_headers(),
        hostile.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        hostile.drip_body("length"),
        hostile.drip_body("chunked"),
        hostile.drip_body("none"),
        hostile.drip_gzip(),
        hostile.drip(hostile.head(500, {"Content-Length": "10000"}), b"a"),
    ],
    ids=["headers", "continues", "length", "chunked", "unframed", "gzip", "error"],
)
def test_a_drip_is_cut_at_the_deadline(play: Play):
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"not done within 0\.3 s") as caught:
        ask(play, Limits(silence=5, whole=0.3, tries=1))
    assert time.monotonic() - begun < 1
    assert caught.value.tries == 1


def test_silence_is_cut_before_the_deadline():
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"not a byte for 0\.2 s"):
        ask(hostile.stall(), Limits(silence=0.2, tries=1))
    assert time.monotonic() - begun < 1


def test_a_slow_body_within_the_deadline_is_waited_for():
    def play(wire: socket.socket, seen: object) -> bool:
        wire.sendall(hostile.head(200, {"Content-Length": "10"}))
        for _ in range(10):
            wire.sendall(b"a")
            time.sleep(0.03)
        return True

    assert ask(play, Limits(silence=0.2, whole=3, tries=1)) == b"a" * 10


def test_a_body_of_exactly_the_size_is_read_and_one_byte_more_is_not():
    assert ask(hostile.plain(b"a" * 1000), Limits(size=1000)) == b"a" * 1000
    with pytest.raises(Malformed, match="larger than 1,000 bytes"):
        ask(hostile.plain(b"a" * 1001), Limits(size=1000))


@pytest.mark.parametrize("play", [hostile.endless(), hostile.bomb(64 << 20)], ids=["endless", "bomb"])
def test_a_body_that_grows_without_end_is_stopped_at_the_size(play: Play):
    tracemalloc.start()
    try:
        with pytest.raises(Malformed, match="larger than 4,194,304 bytes"):
            ask(play, Limits(size=4 << 20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize(
    "play",
    [
        hostile.plain(b"not gzip", Content_Encoding="gzip"),
        hostile.plain(b"not deflate", Content_Encoding="deflate"),
        hostile.plain(zlib.compress(b"a") + b"more", Content_Encoding="deflate"),
        hostile.plain(b"??", Content_Encoding="br"),
        hostile.plain(gzip.compress(gzip.compress(b"a")), Content_Encoding="gzip, gzip"),
    ],
)
def test_a_packing_that_was_not_asked_for_or_is_wrong_is_malformed(play: Play):
    with pytest.raises(Malformed, match="packed"):
        ask(play)


# ---- TLS ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    words += " -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    try:
        subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not there to make a certificate")
    return folder / "cert.pem", folder / "key.pem"


def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(certificate: tuple[Path, Path]):
    with Hostile(hostile.plain(), tls=tls(certificate)) as server, Transport(server.url + "/key") as transport:
        with pytest.raises(Unreachable, match="certificate is not to be trusted") as caught:
            transport.post(b"{}")
        assert caught.value.tries == 1
        assert server.seen == []


def test_a_trusted_certificate_is_and_a_drip_below_tls_is_cut_too(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    plays = [hostile.echo(), hostile.drip_headers(), hostile.drip_body("chunked")]
    limits = Limits(whole=0.3, tries=1)
    with Hostile(*plays, tls=tls(certificate)) as server, Transport(server.url, limits=limits) as transport:
        assert transport.post(b"[1]") == b"[1]"
        for _ in range(2):
            with pytest.raises(Unreachable, match=r"not done within 0\.3 s"):
                transport.post(b"{}")


def test_a_drip_in_the_tls_handshake_is_cut():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            wire, _ = server.accept()
            with wire:
                try:
                    wire.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                    while True:
                        wire.sendall(b"\0")
                        time.sleep(0.02)
                except OSError:
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        with (
            Transport(url, limits=Limits(whole=0.3, tries=1)) as transport,
            pytest.raises(Unreachable, match="not done"),
        ):
            transport.post(b"{}")
        thread.join()
