"""Node: calls to one node, in batches as large as it takes, with patience where it asks for some."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from chaintrace.errors import RateLimited, Refused
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import PATIENCE, Desk
from chaintrace.fetch.reply import Fault, Told
from chaintrace.fetch.rpc.call import encode
from chaintrace.fetch.rpc.faults import PAYLOAD_TOO_LARGE, says_crowded, says_wait
from chaintrace.fetch.rpc.reply import ADVICE, Reply
from chaintrace.fetch.transport import Transport
from chaintrace.model.page import Body

BATCH = 50


class Node(Desk):
    """A JSON-RPC node behind a transport.

    ``batch``   how many calls are sent at once; halved when the node finds that too many.
    """

    doubt = ADVICE
    refusal = "the node cannot answer this: ask another one, or choose fewer blocks or another way="

    def __init__(self, transport: Transport, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(transport, sleep)
        self.batch = BATCH

    def send(self, calls: Sequence[Call]) -> list[Told]:
        """The answer of each call. Refused batches are halved, and what the node had no time for is asked again after
        a while; RateLimited when it still has none."""
        told: dict[int, Told] = {}
        left, hurried = list(range(len(calls))), 0
        while left:
            chunks = [left[start : start + self.batch] for start in range(0, len(left), self.batch)]
            again, slow = self._round([[calls[n] for n in chunk] for chunk in chunks], chunks, told)
            if again:
                self.batch = max(min(self.batch, max(map(len, chunks))) // 2, 1)
            if slow:
                hurried += 1
                if hurried > PATIENCE:
                    reason = f"it still asks for patience after {PATIENCE} times"
                    raise RateLimited(self.name, reason, "ask later or more slowly: rate= sets calls a second")
                self.sleep(0.125 * 2**hurried)
            left = sorted({*again, *slow})
        return [told[n] for n in range(len(calls))]

    def _round(
        self, sent: Sequence[Sequence[Call]], chunks: Sequence[Sequence[int]], told: dict[int, Told]
    ) -> tuple[set[int], set[int]]:
        """Fills in what is answered. Comes back with the calls that were too many at once, and those that came too
        soon."""
        again: set[int] = set()
        slow: set[int] = set()
        try:
            bodies = self._post(sent)
        except Refused as error:
            if error.code != PAYLOAD_TOO_LARGE or len(chunks[0]) == 1:
                raise
            return {n for chunk in chunks for n in chunk}, slow
        for chunk, body in zip(chunks, bodies, strict=True):
            reply = Reply(self.name, body.data)
            refusal = reply.refusal if len(chunk) > 1 else None
            if refusal is not None:  # whatever it is: a call that is alone says it again
                again.update(chunk)
                slow.update(chunk if says_wait(refusal) else ())
                continue
            self._whole(reply, len(chunk))
            for place, n in enumerate(chunk):
                answer = reply.at(place)
                if isinstance(answer, Fault) and says_wait(answer):
                    slow.add(n)
                elif isinstance(answer, Fault) and len(chunk) > 1 and says_crowded(answer):
                    again.add(n)
                else:
                    told[n] = reply, place, body
        return again, slow

    def _post(self, sent: Sequence[Sequence[Call]]) -> list[Body]:
        self.calls += sum(map(len, sent))
        datas = self.transport.post_all([encode(calls, len(calls) > 1) for calls in sent])
        now = int(time.time())
        return [Body(data, now) for data in datas]

    def _whole(self, reply: Reply, count: int) -> None:
        if count > 1 and not reply.is_batch:
            raise reply.malformed("a batch was not answered by one")
        if len(reply) != count:
            raise reply.malformed(f"{count} calls have {len(reply)} answers")
