"""How likely each language is before anybody has spoken: the agency's list, its recent requests, hints in a text."""

from collections.abc import Mapping, Sequence

LISTED_AS_REQUESTS = 50.0
"""The agency's own list counts as much as this many requests: after some weeks what really came in decides."""
RECENT_DAYS = 60
_HINTED_SHARE = 0.3
"""Of the whole, to the languages that the officer's text hints at: a hint, not a finding."""


def prior(
    listed: Sequence[str], recent: Mapping[str, int] | None = None, hinted: Sequence[str] = ()
) -> dict[str, float]:
    """Probabilities by ISO 639-3, summing to 1; empty when nothing is known.

    `listed`: the agency's languages, most asked for first (the nth weighs 1/n, as demand usually falls). `recent`: how
    often each language was settled lately. `hinted`: languages to expect this time.
    """
    weights = {code: 1.0 / rank for rank, code in enumerate(dict.fromkeys(listed), 1)}
    total = sum(weights.values())
    counted = {code: LISTED_AS_REQUESTS * weight / total for code, weight in weights.items()}
    for code, count in (recent or {}).items():
        counted[code] = counted.get(code, 0.0) + count
    whole = sum(counted.values())
    found = {code: value / whole for code, value in counted.items()}
    expected = tuple(dict.fromkeys(hinted))
    if not expected:
        return found
    share = _HINTED_SHARE if found else 1.0
    found = {code: (1.0 - share) * value for code, value in found.items()}
    for code in expected:
        found[code] = found.get(code, 0.0) + share / len(expected)
    return found
