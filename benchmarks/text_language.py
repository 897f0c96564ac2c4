"""Language of short texts: accuracy by length beside each library alone, acceptance, precision, speed, memory.

    python -m benchmarks.text_language FILE               measure on labelled texts (JSON lines: text, lang, words)
    python -m benchmarks.text_language FILE --calibrate   fit voice/text_calibration.toml on them and measure

The development set is the Universal Declaration of Human Rights in 61 languages. Fitted weights are always measured on
texts that they were not fitted on (five folds).
"""

import argparse
import json
import statistics
import time
import unicodedata
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from dispatch import languages
from voice import textid
from voice.textid import Votes, Weights, identify_text

_ALIKE = {"bs/sr/hr": "srp", "fa": "pes", "zh": "cmn", "prs": "pes", "jiv": ""}
_FOLDS = 5
_PRECISION = 0.99
_TARGET = Path("voice/text_calibration.toml")


@dataclass(frozen=True)
class Example:
    """One labelled text; `language` is ISO 639-3, "" for one that nobody can be routed to."""

    text: str
    language: str
    words: str


def read(path: Path) -> list[Example]:
    """The labelled texts of a JSON-lines file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Example(row["text"], label(row["lang"]), row["words"]) for row in rows]


def label(written: str) -> str:
    """A label as our code; Dari and Persian share one in the set."""
    if written in _ALIKE:
        return _ALIKE[written]
    try:
        return languages.normalise(written)
    except languages.UnknownLanguage:
        return ""


def same(found: str | None, wanted: str) -> bool:
    """Whether the answer is right, Persian and Dari counted as one as the labels do."""
    return bool(found) and _ALIKE.get(found or "", found) == wanted


def library_answer(name: str, text: str) -> str:
    """A library's own best answer, as our code."""
    votes = {"langdetect": textid._langdetect, "py3langid": textid._py3langid, "eldc": textid._eldc}[name](text)
    return max(votes, key=lambda code: votes[code]) if votes else ""


# -- fitting -----------------------------------------------------------------------------------------------------------


def fit(examples: list[Example], votes: list[Votes]) -> Weights:
    """Weights that make the right languages likeliest, then how far to trust the winner."""
    weighed = _fit_votes(examples, votes)
    names = ("langdetect", "py3langid", "eldc", "signs", "unknown_langdetect", "unknown_py3langid", "unknown_eldc")
    weights = replace(Weights.fitted(), **{n: round(float(w), 4) for n, w in zip(names, weighed, strict=True)})
    return replace(weights, trust=_fit_trust(examples, votes, weights))


def _fit_votes(examples: list[Example], votes: list[Votes]) -> np.ndarray:
    """Multinomial logistic regression by gradient steps (convex; a few hundred suffice)."""
    cases = []
    for example, vote in zip(examples, votes, strict=True):
        codes = [_ALIKE.get(code, code) for code in vote.allowed]
        if example.language in codes and len(codes) > 1:
            cases.append((textid.parts(vote), codes.index(example.language)))
    weights = np.array([0.3, 1.0, 0.3, 5.0, -3.0, -5.0, -3.0])
    scale = np.array([0.02, 0.02, 0.02, 0.5, 0.1, 0.1, 0.1])
    for step in range(600):
        gradient = np.zeros(7)
        for matrix, right in cases:
            likely = np.exp((scores := matrix @ weights) - scores.max())
            likely /= likely.sum()
            gradient += matrix[right] - likely @ matrix
        weights = weights + scale * gradient / len(cases) * (3.0 if step < 300 else 1.0)
    return weights


def _fit_trust(examples: list[Example], votes: list[Votes], weights: Weights) -> tuple[float, ...]:
    """Logistic regression by Newton's method, with a little ridge."""
    rows, right = [], []
    for example, vote in zip(examples, votes, strict=True):
        ranked = textid.rank(vote, weights)
        rows.append((1.0, *textid.features(vote, ranked)))
        right.append(float(same(ranked[0][0], example.language)))
    x, y = np.array(rows), np.array(right)
    trust = np.zeros(x.shape[1])
    ridge = np.eye(x.shape[1]) * 1.0
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-x @ trust))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge
        trust = trust + np.linalg.solve(hessian, x.T @ (y - p) - ridge @ trust)
    return tuple(round(float(value), 4) for value in trust)


def threshold(answers: list[tuple[float, bool]]) -> float:
    """The lowest trust above which the wanted share is right."""
    best = 0.999
    right, seen = 0, 0
    for trust, good in sorted(answers, reverse=True):
        seen, right = seen + 1, right + good
        if seen >= 20 and right / seen >= _PRECISION:
            best = trust
    return round(min(max(best, 0.5), 0.999), 4)


def calibrate(examples: list[Example]) -> list[tuple[Example, str, float, bool]]:
    """Fit, write the file, and return held-out answers: example, language, trust, accepted."""
    votes = [textid.ask_voters(example.text) for example in examples]
    order = np.random.default_rng(7).permutation(len(examples))
    folds = [order[start::_FOLDS] for start in range(_FOLDS)]
    held_out: list[tuple[Example, str, float, bool]] = []
    for fold in folds:
        kept = [i for i in order if i not in set(fold)]
        weights = fit([examples[i] for i in kept], [votes[i] for i in kept])
        for i in fold:
            ranked = textid.rank(votes[i], weights)
            trust = textid.trusted(textid.features(votes[i], ranked), weights)
            held_out.append((examples[i], ranked[0][0], trust, _may_be_accepted(votes[i], ranked[0][0])))
    accept = threshold([(trust, same(found, e.language)) for e, found, trust, may in held_out if may])
    weights = replace(fit(examples, votes), accept=accept)
    _write(weights)
    return [(e, found, trust, may and trust >= accept) for e, found, trust, may in held_out]


def _may_be_accepted(votes: Votes, language: str) -> bool:
    return (votes.words >= 3 or len(votes.allowed) == 1) and language not in textid.INDIGENOUS


def _write(weights: Weights) -> None:
    lines = ["# Written by: python -m benchmarks.text_language FILE --calibrate"]
    for name, value in asdict(weights).items():
        lines.append(f"{name} = {list(value) if isinstance(value, tuple) else value}")
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    Weights.fitted.cache_clear()


# -- printing ----------------------------------------------------------------------------------------------------------


def show(console: Console, answers: list[tuple[Example, str, float, bool]], title: str) -> None:
    """Accuracy by length beside each library, then acceptance and precision."""
    table = Table(
        "texts", "count", "ours", "py3langid", "eldc", "langdetect", "accepted", "right of those", title=title
    )
    for bucket in ("1-2", "3-5", "6-10", "all"):
        group = [answer for answer in answers if bucket in ("all", answer[0].words)]
        cells = [f"{100 * np.mean([same(found, e.language) for e, found, _, _ in group]):.1f}"]
        for name in ("py3langid", "eldc", "langdetect"):
            right = [same(library_answer(name, e.text), e.language) for e, _, _, _ in group]
            cells.append(f"{100 * np.mean(right):.1f}")
        taken = [same(found, e.language) for e, found, _, accepted in group if accepted]
        cells += [f"{100 * len(taken) / len(group):.1f}", f"{100 * np.mean(taken):.1f}" if taken else "-"]
        table.add_row(bucket, str(len(group)), *cells)
    console.print(table)
    wrong: Counter[str] = Counter()
    for e, found, _, accepted in answers:
        if accepted and not same(found, e.language):
            wrong[f"{e.language or '?'} taken for {found}"] += 1
    console.print("accepted and wrong:", dict(wrong.most_common(12)))


def unknown_languages(console: Console, answers: list[tuple[Example, str, float, bool]]) -> None:
    """How often a language that no library knows is accepted as something."""
    known = {code for voter in ("langdetect", "py3langid", "eldc") for code in textid._known_to(voter)}
    grouped: dict[str, list[bool]] = defaultdict(list)
    for example, _, _, accepted in answers:
        if example.language not in known and len(textid.ask_voters(example.text).allowed) > 1:
            grouped[example.language or "other"].append(accepted)
    total = [accepted for group in grouped.values() for accepted in group]
    console.print(f"languages unknown to every library: {len(grouped)}, accepted {100 * np.mean(total):.1f} %")


def bare(text: str) -> str:
    """Without accents and capitals, as people type."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not _latin_accent(c)))


def _latin_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


def speed(console: Console, examples: list[Example]) -> None:
    """Median and 99th percentile per text, and what it costs in memory."""
    before = psutil.Process().memory_info().rss
    times = []
    for example in examples:
        began = time.perf_counter()
        identify_text(example.text)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    memory = psutil.Process().memory_info().rss / 1e6
    console.print(
        f"time for each text: median {statistics.median(times):.2f} ms, 99th percentile"
        f" {times[len(times) * 99 // 100]:.2f} ms; memory of this process {memory:.0f} MB (was {before / 1e6:.0f})"
    )


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file", type=Path)
    asked.add_argument("--calibrate", action="store_true")
    told = asked.parse_args()
    console = Console(width=120)
    examples = read(told.file)
    if told.calibrate:
        show(console, calibrate(examples), "held out (five folds)")
    answers = []
    for example in examples:
        guess = identify_text(example.text)
        answers.append((example, guess.language or "", guess.confidence, guess.decision == "accept"))
    show(console, answers, "shipped weights")
    unknown_languages(console, answers)
    stripped = [replace(e, text=bare(e.text)) for e in examples]
    right = [same(identify_text(e.text).language, e.language) for e in stripped]
    console.print(f"without accents and capitals: {100 * np.mean(right):.1f} % right over all")
    speed(console, examples)


if __name__ == "__main__":
    main()
