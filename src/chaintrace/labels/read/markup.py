"""Markup: the elements of a large XML list one at a time, in bounded memory, and none of XML's dangers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from chaintrace.errors import ListError
from chaintrace.labels.read.source import Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEEPEST = 64
_AGAIN = "fetch it again from its official address; if it is the same there, the format has changed"


def elements(source: Source, roots: Collection[str], wanted: Collection[str]) -> Iterator[tuple[str, Element]]:
    """(name, element) of every element called one of ``wanted``, whole, in order, without its namespace; first of all
    the root itself, of which only the attributes are there.

    ``roots`` are the roots that are allowed, as ``{namespace}name`` or ``name``. A list under another root or namespace
    is refused: to look for nothing but unknown names would find an empty list. ListError for that, for a DOCTYPE, for
    nesting that is too deep, and for XML that breaks off.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    source.check_markup()
    above: list[Element] = []
    inside = 0
    try:
        with source.stream() as stream:
            for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    if not above:
                        _check_root(source, element.tag, roots)
                        yield bare(element.tag), element
                    above.append(element)
                    inside += bare(element.tag) in wanted
                    if len(above) > DEEPEST:
                        raise ListError(source.name, f"elements lie deeper than {DEEPEST}", _AGAIN)
                    continue
                above.pop()
                name = bare(element.tag)
                if name in wanted:
                    inside -= 1
                    yield name, element
                if not inside and above:
                    above[-1].remove(element)
    except ParseError as error:
        raise ListError(source.name, f"it is not whole: {error}", _AGAIN) from error
    except DefusedXmlException as error:
        raise ListError(source.name, f"it has what no list has: {type(error).__name__}", _AGAIN) from error


def bare(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def child(element: Element, name: str) -> Element | None:
    """The first child of a name, in whatever namespace the checked root has."""
    return next((one for one in element if bare(one.tag) == name), None)


def children(element: Element, *path: str) -> list[Element]:
    """All elements at the end of a path of names."""
    found = [element]
    for name in path:
        found = [below for one in found for below in one if bare(below.tag) == name]
    return found


def said(element: Element, *path: str) -> str:
    """The text at the first end of a path, without space around it; empty where there is none."""
    found = children(element, *path)
    return (found[0].text or "").strip() if found else ""


def _check_root(source: Source, tag: str, roots: Collection[str]) -> None:
    if tag not in roots:
        raise ListError(source.name, f"its root is {tag[:200]!r}, not {' or '.join(sorted(roots))}", _AGAIN)
