"""Decode: the evidence of a page as its answer. Pure: the same bytes always say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaintrace.fetch.etherscan_api.facts import Facts, read
from chaintrace.fetch.etherscan_api.history import kept
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.explorer.tell import tell
from chaintrace.fetch.reply import replies
from chaintrace.fetch.talk import gather
from chaintrace.model.page import Answer, Asked, Question


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What ``asked`` answers to ``question``; ``body`` gives a response by its SHA-256.

    Raises a ProviderError (Malformed: an answer that is none; Contradiction: answers that are incomplete or cannot all
    be true), whatever the bytes are, and nothing else.
    """
    return tell(question, gather(Facts(question.provider), asked, replies(question.provider, body, Reply), read), kept)
