"""The veil: hides secrets in texts that others wrote, such as error pages and the log of urllib3."""

from __future__ import annotations

import html
import json
import logging
import re
import weakref
from collections.abc import Iterable
from urllib.parse import quote, unquote, unquote_plus

from chaintrace.fetch.secret import HIDDEN, Secret

# A shorter piece is no key, and hiding it would make every text unreadable ("v3", "eth").
SHORTEST = 4
# A word inside a longer secret is hidden by itself from this length on.
WORD = 8
# In a response, which is evidence, only what looks like a key is hidden: long, or with digits in it.
LONG, KEY = 16, 8
# What requests leaves as it is in a url.
URL = "!#$%&'()*+,/:;=?@[]~"
LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry")


def forms(text: str) -> list[Secret]:
    """Every form in which a secret may come back: as it is, quoted or unquoted for a url, JSON or HTML, by its words.

    Forms shorter than four characters are left out.
    """
    found = {text, unquote(text), unquote_plus(text)}
    found |= {quote(each, safe) for each in set(found) for safe in ("", "/", URL)}
    found |= {each.replace("%20", "+") for each in set(found)}
    found |= {json.dumps(each)[1:-1] for each in set(found)} | {html.escape(each) for each in set(found)}
    found |= {word for each in set(found) for word in re.findall(r"[\w.~-]+", each) if len(word) >= WORD}
    return [Secret(each) for each in sorted(found) if len(each) >= SHORTEST]


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """The text with ``<secret>`` where a secret was, in whichever case of letters; the longest secret goes first."""
    return re.sub(
        "|".join(re.escape(each) for each in sorted({s.reveal() for s in secrets}, key=len, reverse=True)) or r"(?!)",
        HIDDEN,
        text,
        flags=re.IGNORECASE,
    )


def without(data: bytes, secrets: Iterable[Secret]) -> bytes:
    """A response without the keys that it repeats; as it is where it repeats none, which is nearly always.

    Only what is as long as a key is looked for: a shorter word of an address may be a word of the answer as well.
    """
    for key in sorted({s.reveal().encode() for s in secrets}, key=len, reverse=True):
        if (len(key) >= LONG or (len(key) >= KEY and re.search(rb"[0-9]", key))) and key in data:
            data = data.replace(key, HIDDEN.encode())
    return data


class Veil(logging.Filter):
    """A filter of log records that hides every secret it knows of, as long as the secret lives."""

    def __init__(self) -> None:
        super().__init__()
        self._living: weakref.WeakValueDictionary[int, Secret] = weakref.WeakValueDictionary()

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Hide these from now on, until nobody else holds them."""
        for secret in secrets:
            self._living[id(secret)] = secret

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message and traceback; always True."""
        # valuerefs() copies in one step, so that another thread may learn meanwhile.
        secrets = [secret for ref in self._living.valuerefs() if (secret := ref()) is not None]
        record.msg, record.args = redact(_message(record), secrets), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info), secrets)
            record.exc_info = None
        return True


def hide(secrets: Iterable[Secret]) -> None:
    """Put the one veil of this process over urllib3's loggers, where it is not there yet, and let it hide these."""
    loggers = [logging.getLogger(f"urllib3.{name}") for name in LOGGERS]
    there = next((each for logger in loggers for each in logger.filters if isinstance(each, Veil)), None)
    veil = there or Veil()
    veil.learn(secrets)
    for logger in loggers:
        logger.addFilter(veil)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"a log record of {record.name} that could not be written"
