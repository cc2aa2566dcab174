from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from chaintrace.errors import Refused
from chaintrace.fetch.transport import Limits, Transport
from tests.fetch import hostile
from tests.fetch.hostile import Hostile, Play, Seen, ask, no_proxy  # noqa: F401

pytestmark = pytest.mark.usefixtures("no_proxy")


# ---- many at once ------------------------------------------------------------------------------------------------


def test_many_answers_come_in_the_order_of_the_questions():
    def play(wire: socket.socket, seen: Seen) -> bool:
        time.sleep(0.02 if int(seen.body) % 3 == 0 else 0)
        return hostile.echo()(wire, seen)

    bodies = [str(number).encode() for number in range(60)]
    with Hostile(play) as server, Transport(server.url, limits=Limits(workers=8)) as transport:
        assert transport.post_all(bodies) == bodies
        assert transport.post_all([]) == []
        assert server.connections <= 8
        assert transport.requests == 60


def test_the_first_error_by_order_is_raised_and_no_further_question_begun():
    def play(wire: socket.socket, seen: Seen) -> bool:
        number = int(seen.body)
        time.sleep(0.2 if number == 1 else 0.02)
        return hostile.plain(seen.body, {1: 403, 2: 404}.get(number, 200))(wire, seen)

    with Hostile(play) as server, Transport(server.url, limits=Limits(workers=3)) as transport:
        with pytest.raises(Refused) as caught:
            transport.post_all([str(number).encode() for number in range(500)])
        assert caught.value.code == 403
        assert len(server.seen) < 100


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="there are no signals to threads")
@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("play", [hostile.stall(), hostile.plain(b"", 500)], ids=["in an answer", "in a wait"])
def test_ctrl_c_ends_promptly_and_the_transport_can_be_used_again(many: bool, play: Play):
    threads = threading.active_count()
    with Hostile(play) as server, Transport(server.url, limits=Limits(patience=30, tries=99)) as transport:
        main = threading.main_thread().ident or 0
        timer = threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT))
        timer.start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            transport.post_all([b"{}"] * 50) if many else transport.post(b"{}")
        assert time.monotonic() - begun < 1
        server.plays = [hostile.plain(b"fine")]
        assert transport.post(b"{}") == b"fine"
    deadline = time.monotonic() + 2
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads, threading.enumerate()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_opens_a_connection_of_its_own():
    code = """if 1:
        import os, sys
        from chaintrace.fetch.transport import Transport
        transport = Transport(sys.argv[1])
        transport.post(b"parent")
        child = os.fork()
        if not child:
            os._exit(transport.post(b"child") != b"child")
        assert os.waitpid(child, 0)[1] == 0
        assert transport.post(b"parent") == b"parent"
    """
    with Hostile(hostile.echo()) as server:
        subprocess.run([sys.executable, "-c", code, server.url], check=True, timeout=20)
        assert server.connections == 2
