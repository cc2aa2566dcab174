"""Desk: where TronGrid is asked, one call at a time."""

from __future__ import annotations

import json

from chaintrace.errors import Refused
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import OneByOne
from chaintrace.fetch.trongrid.call import request
from chaintrace.fetch.trongrid.faults import says_spent, says_wait
from chaintrace.fetch.trongrid.reply import ADVICE, Reply

FORBIDDEN = 403


class Grid(OneByOne):
    """TronGrid behind a transport. Who is too fast is told so by 429, or by 403 for as long as the penalty lasts."""

    doubt = ADVICE
    refusal = "check the key, the address and what the plan allows, or ask another provider"

    def sent(self, call: Call) -> bytes:
        path, asked = request(call)
        try:
            return self.transport.post(asked, path) if isinstance(asked, bytes) else self.transport.get(path, asked)
        except Refused as error:
            if error.code == FORBIDDEN and (says_wait(error.reason) or says_spent(error.reason)):
                return json.dumps({"Error": error.reason}).encode()
            raise

    def read(self, data: bytes) -> Reply:
        return Reply(self.name, data)

    def says_wait(self, message: str) -> bool:
        return says_wait(message)

    def says_spent(self, message: str) -> bool:
        return says_spent(message)
