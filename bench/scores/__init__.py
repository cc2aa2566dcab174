"""One module a family of heuristics. Each has

``PAGE``        the page of docs/ that shows its table.
``RULES``       the rules it scores, in the order of the table.
``NEEDS_DATA``  whether it is measured on real data.
``scores``      ``(data, date) -> list[Score]``; ``data`` is None where it needs none and none are there.
"""
