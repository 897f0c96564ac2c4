"""Fitting the weights of voice/calibration.toml: the likelihood of the labels, maximised one weight at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch import languages
from voice.language import NONE, Calibration, Reading, decide, fuse
from voice.speech import Heard

_PRECISION = 0.995
"""Wanted of what is accepted; the promise is 99 %, measured on clips not fitted on."""
_START = Calibration(1.0, 0.5, 0.002, 3.0, 0.5, 1.0, -5.0, 3.0, 2.0, 0.97, 0.9, 0.35)
_ALIKE = {"people": 1.0, "synthetic": 0.3, "nameless": 0.5, "no speech": 0.0}
"""How much a clip of that kind counts; faulty copies count a third."""
_STEPS = {
    "temperature": (0.5, 6.0),
    "prior_weight": (0.0, 2.0),
    "prior_floor": (0.0005, 0.02),
    "reading_weight": (0.0, 15.0),
    "text_weight": (0.0, 3.0),
    "unread": (0.0, 8.0),
    "none_constant": (-9.0, -1.0),
    "none_unroutable": (0.0, 8.0),
    "none_reading": (0.0, 6.0),
}


@dataclass(frozen=True)
class Evidence:
    """One clip, examined; `label` as `Clip.language`."""

    label: str
    kind: str
    heard: Heard
    readings: tuple[Reading, ...]
    prior: Mapping[str, float]


class _Table:
    """The evidence as arrays: one row a clip, one column a routable language."""

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        used = [one for one in evidence if one.heard.has_speech and one.label and _ALIKE.get(one.kind, 0.33) > 0]
        routable = languages.all_languages()
        self.codes = [code for code in used[0].heard.posterior if code in routable]
        column = {code: number for number, code in enumerate(self.codes)}
        shape = (len(used), len(self.codes))
        self.sound = np.array([[one.heard.posterior[code] for code in self.codes] for one in used])
        self.prior = np.array([[one.prior.get(code, 0.0) for code in self.codes] for one in used])
        self.read = np.zeros(shape, bool)
        self.reading, self.text = np.zeros(shape), np.zeros(shape)
        for row, one in enumerate(used):
            best = max(reading.transcript.avg_logprob for reading in one.readings)
            for reading in one.readings:
                at = (row, column[reading.language])
                self.read[at] = True
                self.reading[at] = reading.transcript.avg_logprob - best
                self.text[at] = np.log(max(reading.text_probability, 0.02))
        self.best = np.array([max(r.transcript.avg_logprob for r in one.readings) for one in used])
        self.unroutable = 1.0 - self.sound.sum(axis=1)
        # A label the model has no column for ("none", or Kurdish...) is NONE.
        self.right = np.array([column.get(one.label, -1) for one in used])
        self.counts = np.array([_ALIKE.get(one.kind, 0.33) for one in used])

    def loss(self, w: Calibration) -> float:
        """Mean negative log likelihood of the labels, from the sound alone and with the readings."""
        base = np.log(np.maximum(self.sound, 1e-4)) / w.temperature
        base = base + w.prior_weight * np.log(np.maximum(self.prior, w.prior_floor))
        tried = w.reading_weight * self.reading + w.text_weight * self.text
        return 0.4 * self._loss(base, np.zeros(len(base)), w) + self._loss(
            base + np.where(self.read, tried, -w.unread), self.best, w
        )

    def _loss(self, scores: np.ndarray, best: np.ndarray, w: Calibration) -> float:
        logit = w.none_constant + w.none_unroutable * self.unroutable - w.none_reading * best
        none = 1.0 / (1.0 + np.exp(-np.clip(logit, -30, 30)))
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        of_right = np.where(
            self.right >= 0, (1 - none) * likely[np.arange(len(likely)), np.maximum(self.right, 0)], none
        )
        return float(np.sum(-np.log(np.maximum(of_right, 1e-4)) * self.counts) / self.counts.sum())


def fit(evidence: Sequence[Evidence]) -> Calibration:
    """The weights under which the labels are likeliest: golden steps along each weight in turn, until nothing gains."""
    table = _Table(evidence)
    weights, best = _START, table.loss(_START)
    width = 0.5
    while width > 0.01:
        before = best
        for name, (least, most) in _STEPS.items():
            for sign in (1, -1):
                value = getattr(weights, name) + sign * width * (most - least)
                tried = replace(weights, **{name: float(np.clip(value, least, most))})
                if (loss := table.loss(tried)) < best - 1e-6:
                    weights, best = tried, loss
        if before - best < 1e-4:
            width /= 2
    return weights


def thresholds(held: Sequence[tuple[Evidence, Calibration]]) -> tuple[float, float]:
    """The lowest `sure` and `accept` above which the wanted share of held-out answers is right."""
    alone = [(decide(fuse(e.heard, e.prior, (), w), w), e) for e, w in held if e.label]
    sure = _threshold([(d.confidence, d.language == e.label) for d, e in alone], _PRECISION)
    rest = [
        (decide(fuse(e.heard, e.prior, e.readings, w), w), e)
        for (d, e), (_, w) in zip(alone, [pair for pair in held if pair[0].label], strict=True)
        if d.confidence < sure
    ]
    accept = _threshold([(d.confidence, d.language == e.label) for d, e in rest], _PRECISION)
    return sure, max(accept, 0.8)


def _threshold(answers: list[tuple[float, bool]], wanted: float) -> float:
    best, right = 0.999, 0
    for seen, (confidence, good) in enumerate(sorted(answers, reverse=True), 1):
        right += good
        if seen >= 20 and right / seen >= wanted:
            best = confidence
    return round(min(max(best, 0.5), 0.999), 4)


__all__ = ["NONE", "Evidence", "fit", "thresholds"]
