from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.fetch.secret import Secret
from chaintrace.fetch.veil import Veil, forms, hide, redact

KEY = "sk-0123/456+789=="


def test_a_secret_shows_itself_to_nobody():
    secret = Secret(KEY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", f"{secret:x}", "%s" % secret, repr([secret])]  # noqa: UP031
    assert all(KEY not in each and "<secret>" in each for each in shown)
    assert secret.reveal() == KEY


def test_a_secret_has_no_dict_and_is_no_json():
    assert not hasattr(Secret(KEY), "__dict__")
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(Secret(KEY))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol: int):
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret(KEY), protocol)


def test_a_copy_of_a_secret_is_itself():
    secret = Secret(KEY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_secrets_are_equal_and_hash_by_their_texts():
    assert Secret("ä" + KEY) == Secret("ä" + KEY)
    assert hash(Secret(KEY)) == hash(Secret(KEY)) != hash(KEY)
    assert Secret(KEY) != Secret(KEY + "x")
    assert Secret(KEY) != KEY
    assert Secret("\udcff") == Secret("\udcff")


def test_what_is_no_text_is_no_secret_and_is_not_shown_either():
    with pytest.raises(TypeError, match="not of bytes") as caught:
        Secret(KEY.encode())
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    assert KEY not in str(frames[-1].locals)


@pytest.mark.parametrize(
    "echoed",
    [
        KEY,
        KEY.upper(),
        quote(KEY),
        quote(KEY, safe=""),
        json.dumps(KEY),
        "twice: " + KEY + KEY,
    ],
)
def test_a_secret_is_hidden_in_every_form_in_which_it_is_echoed(echoed: str):
    text = redact(f"no access with {echoed} today", forms(KEY))
    assert "0123" not in text
    assert text.startswith("no access with ")
    assert text.endswith(" today")


@given(st.text(min_size=4), st.text(), st.text())
def test_no_text_around_a_secret_keeps_it(secret: str, before: str, after: str):
    hidden = redact(before + secret + after, [Secret(secret)])
    assert secret not in hidden or secret in "<secret>" or secret in before + "<secret>" + after


def test_short_pieces_are_left_readable():
    assert redact("eth v3", forms("v3")) == "eth v3"


def test_the_log_of_urllib3_hides_living_secrets_only(caplog: pytest.LogCaptureFixture):
    log = logging.getLogger("urllib3.connectionpool")
    first, second = Secret("living-key"), Secret("living-key")
    hide([first])
    hide([second])
    del first
    with caplog.at_level(logging.DEBUG):
        log.debug("POST %s", "/v3/living-key")
        try:
            raise ValueError("living-key")
        except ValueError:
            log.warning("failed", exc_info=True)
        log.debug("bad %d", "living-key")
    assert "living-key" not in caplog.text
    assert "POST /v3/<secret>" in caplog.text
    assert "ValueError: <secret>" in caplog.text
    del second
    with caplog.at_level(logging.DEBUG):
        log.debug("POST %s", "/v3/living-key")
    assert "/v3/living-key" in caplog.text


def test_there_is_one_veil_however_often_secrets_are_hidden():
    for _ in range(3):
        hide([Secret("another-key")])
    for name in ("connectionpool", "util.retry", "connection"):
        assert sum(isinstance(each, Veil) for each in logging.getLogger(f"urllib3.{name}").filters) == 1
