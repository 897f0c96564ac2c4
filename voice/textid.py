"""Which language is this text in? langdetect, py3langid and eldc vote, together with what the letters say.

Each voter's log probabilities are added up with a fitted weight; a language that a voter does not know gets a fitted
neutral mark from it. How far the winner can be trusted is a fitted logistic function of the votes. Weights are fitted
on the development set by `python -m benchmarks.text_language --calibrate`, nothing else.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import eldc
import numpy as np
from langdetect import DetectorFactory, LangDetectException, detector_factory
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from dispatch import languages
from voice.scripts import SCRIPT_LANGUAGES, main_script, mixed_with, romanised, signs, words

INDIGENOUS = frozenset(["mam", "quc", "kek", "kjb", "ixl", "cak", "mix", "zap", "trc", "nah", "que", "aym", "cab"])
"""Languages of the Americas that a program never chooses by itself: the person is always asked."""
_OWN = {
    "zh-cn": "cmn",
    "zh-tw": "cmn",
    "zh": "cmn",
    "wuu": "cmn",
    "yue": "cmn",
    "no": "nor",
    "nn": "nor",
    "bs": "srp",
    "hr": "srp",
    "sr": "srp",
    "gug": "",
    "zxx": "",
    "uzs": "uzb",
    "sdh": "ckb",
    "ku": "kmr",
    "arz": "arb",
    "ary": "arb",
    "fuv": "ful",
    "ms": "ind",
    "gcf": "",
    "gcr": "",
}
"""Voters' own codes where ours differ. Cantonese is told by its characters alone; Bosnian, Croatian and
Serbian are one vote, as any of their interpreters will do."""
_FLOOR = -12.0
"""Lowest log probability a vote may give: no voter can veto alone."""
_WORDS_NEEDED = 3
_FEW = 12
"""Fewer languages than that are written in a script of their own."""


@dataclass(frozen=True)
class TextGuess:
    """The answer for one text. Languages are ISO 639-3, probabilities 0 to 1."""

    language: str | None
    confidence: float
    decision: Literal["accept", "confirm", "ask"]
    ranking: tuple[tuple[str, float], ...]
    """The likeliest languages, best first."""


@dataclass(frozen=True)
class Weights:
    """Fitted on the development set. The first four multiply a vote; `unknown_...` is added for each language that the
    voter does not know."""

    langdetect: float
    py3langid: float
    eldc: float
    signs: float
    unknown_langdetect: float
    unknown_py3langid: float
    unknown_eldc: float
    trust: tuple[float, ...]
    """Of the logistic function: constant, then one for each of `features`."""
    accept: float
    confirm: float

    @classmethod
    @cache
    def fitted(cls) -> "Weights":
        """The shipped weights."""
        data = tomllib.loads(files("voice").joinpath("text_calibration.toml").read_text(encoding="utf-8"))
        return cls(**{**data, "trust": tuple(data["trust"])})


@dataclass(frozen=True)
class Votes:
    """What each voter says about a text: log probabilities by language."""

    langdetect: Mapping[str, float]
    py3langid: Mapping[str, float]
    eldc: Mapping[str, float]
    signs: Mapping[str, float]
    allowed: tuple[str, ...]
    """Languages that the script leaves; all of those in Latin letters otherwise."""
    words: int


def identify_text(text: str, weights: Weights | None = None) -> TextGuess:
    """The language of a text, never an exception: what cannot be told is decision "ask"."""
    weights = weights or Weights.fitted()
    if not main_script(text):
        return TextGuess(None, 0.0, "ask", ())
    votes = ask_voters(text)
    ranked = rank(votes, weights)
    language = ranked[0][0]
    trust = trusted(features(votes, ranked), weights)
    enough = votes.words >= _WORDS_NEEDED or len(votes.allowed) == 1
    if trust >= weights.accept and enough and language not in INDIGENOUS:
        decision: Literal["accept", "confirm", "ask"] = "accept"
    else:
        # One word in Latin letters is too many languages' word; other letters leave few.
        worth_asking = votes.words > 1 or len(votes.allowed) < _FEW
        decision = "confirm" if trust >= weights.confirm and worth_asking else "ask"
    other = mixed_with(text) or (romanised(text) if decision != "accept" else None)
    if other is not None:
        # The person writes some English; the other language is the one to ask about.
        left = tuple(pair for pair in ranked if pair[0] != other)
        return TextGuess(other, min(trust, weights.accept), "confirm", ((other, min(trust, 0.5)), *left[:4]))
    return TextGuess(language, trust, decision, ranked[:5])


def ask_voters(text: str) -> Votes:
    """Everything that is known about a text, before weighing."""
    script = main_script(text)
    allowed = SCRIPT_LANGUAGES.get(script, _latin())
    found = words(text)
    if len(allowed) == 1:
        return Votes({}, {}, {}, {}, allowed, len(found))
    return Votes(_langdetect(text), _py3langid(text), _eldc(text), signs(text), allowed, len(found))


def rank(votes: Votes, weights: Weights) -> tuple[tuple[str, float], ...]:
    """The languages by weighed votes, probabilities summing to 1, best first."""
    scores = parts(votes) @ np.array(
        [
            weights.langdetect,
            weights.py3langid,
            weights.eldc,
            weights.signs,
            weights.unknown_langdetect,
            weights.unknown_py3langid,
            weights.unknown_eldc,
        ]
    )
    likely = np.exp(scores - scores.max())
    likely /= likely.sum()
    order = np.argsort(-likely)[:8]
    return tuple((votes.allowed[i], float(likely[i])) for i in order)


def features(votes: Votes, ranked: tuple[tuple[str, float], ...]) -> tuple[float, ...]:
    """What tells a safe answer from a risky one; see `Weights.trust`."""
    best, top = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 1e-9
    margin = min(math.log(max(top, 1e-9) / max(second, 1e-9)), 20.0) / 10.0
    heads = [max(vote, key=lambda code: vote[code]) for vote in (votes.langdetect, votes.py3langid, votes.eldc) if vote]
    agreed = sum(head == best for head in heads) / 3.0 if heads else 1.0
    decisive = float(len(votes.allowed) == 1)
    narrowed = float(1 < len(votes.allowed) < _FEW)
    length = min(votes.words, 10) / 10.0
    return (top, margin, agreed, length, decisive, narrowed, min(votes.signs.get(best, 0.0), 1.0))


def trusted(seen: tuple[float, ...], weights: Weights) -> float:
    """Probability that the winner is right."""
    total = weights.trust[0] + sum(weight * value for weight, value in zip(weights.trust[1:], seen, strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(total, 30.0), -30.0)))


def parts(votes: Votes) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """What is weighed: a row for each allowed language, columns in the order of `Weights`."""
    table = np.zeros((len(votes.allowed), 7))
    heard = (("langdetect", votes.langdetect), ("py3langid", votes.py3langid), ("eldc", votes.eldc))
    for column, (voter, vote) in enumerate(heard):
        if vote:
            unknown = _unknown_to(voter, votes.allowed)
            table[:, 4 + column] = unknown
            table[:, column] = np.where(unknown, 0.0, [vote.get(code, _FLOOR) for code in votes.allowed])
    table[:, 3] = [votes.signs.get(code, 0.0) for code in votes.allowed]
    return table


# -- voters ------------------------------------------------------------------------------------------------------------


@cache
def _own(code: str) -> str:
    """Our code for a voter's; "" where we cannot route it."""
    if code in _OWN:
        return _OWN[code]
    try:
        return languages.normalise(code)
    except languages.UnknownLanguage:
        return ""


@cache
def _known_to(voter: str) -> frozenset[str]:
    codes: list[str]
    if voter == "langdetect":
        codes = detector_factory._factory.langlist if detector_factory._factory else _loaded()
    else:
        codes = _identifier().labels if voter == "py3langid" else eldc.LANGUAGES
    return frozenset(own for code in codes if (own := _own(code)))


@cache
def _unknown_to(voter: str, codes: tuple[str, ...]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.array([code not in _known_to(voter) for code in codes])


@cache
def _latin() -> tuple[str, ...]:
    written_otherwise = {code for codes in SCRIPT_LANGUAGES.values() for code in codes} - {"uzb", "srp", "rhg"}
    one_vote = {"hrv", "bos", "ase", "cdo", "asm"}
    return tuple(code for code in languages.all_languages() if code not in written_otherwise | one_vote)


def _loaded() -> list[str]:
    DetectorFactory.seed = 0  # otherwise it answers differently each time
    detector_factory.init_factory()
    return list(detector_factory._factory.langlist)


def _langdetect(text: str) -> dict[str, float]:
    _known_to("langdetect")
    detector = detector_factory._factory.create()
    detector.n_trial = 3  # its own 7 cost a millisecond and change next to nothing
    detector.append(text)
    try:
        found = detector.get_probabilities()
    except LangDetectException:
        return {}
    return _logged((one.lang, one.prob) for one in found)


def _eldc(text: str) -> dict[str, float]:
    return _logged(_eldc_instance().detect_details(text).scores.items())


def _py3langid(text: str) -> dict[str, float]:
    """Its raw scores below the best one's, not below the floor."""
    ranked = _identifier().rank(text)
    top = ranked[0][1]
    found: dict[str, float] = {}
    for code, score in ranked:
        if own := _own(code):
            found.setdefault(own, max(float(score - top) / 4.0, _FLOOR))
    return found


def _logged(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for code, probability in pairs:
        if own := _own(code):
            found[own] = max(found.get(own, _FLOOR), math.log(max(probability, 1e-5)))
    return found


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE)


@cache
def _eldc_instance() -> Any:
    eldc.init()
    eldc.set_scores(20)
    return eldc.instance()
