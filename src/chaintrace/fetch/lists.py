"""Downloads of official lists."""

from __future__ import annotations

from chaintrace.fetch.transport import MIB, Limits, Transport

LIMITS = Limits(whole=600, size=512 * MIB, tries=3)
"""SDN_ADVANCED.XML has some 120 MB."""


def download_list(url: str, limits: Limits = LIMITS) -> bytes:
    """The bytes at an address, http or https, within limits. A redirect to another host is refused, as everywhere.

    Unreachable, RateLimited, Refused or Malformed; InputError for what is no url.
    """
    with Transport(url, kind="list", headers={"Accept": "*/*"}, limits=limits) as transport:
        return transport.get("", {})
