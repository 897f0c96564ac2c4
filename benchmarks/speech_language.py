"""Language of telephone speech: accuracy, acceptance, precision and speed beside faster-whisper's own answer.

    python -m benchmarks.speech_language                      measure
    python -m benchmarks.speech_language --calibrate          fit voice/calibration.toml first (held-out figures shown)
    python -m benchmarks.speech_language --clips FOLDER ...   on your own clips: FOLDER/<ISO 639-3>/*.wav

Needs the packages named in benchmarks/speech_clips.py. Writes docs/speech_reliability.png and speech_confusions.png.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import speech_clips
from benchmarks.speech_clips import Clip
from benchmarks.speech_fitting import Evidence, fit, thresholds
from dispatch.settings import Settings
from voice import textid
from voice.language import Calibration, LanguageListener, decide, fuse, question
from voice.speech import product_code
from voice.textid import Votes
from workers.wiring import prior_of

_FOLDS = 5
_TARGET = Path("voice/calibration.toml")
_FAULTY_EACH = 12
_BASELINE_EVERY = 2


@dataclass(frozen=True)
class Answer:
    """What came out for a clip."""

    clip: Clip
    language: str
    confidence: float
    decision: str

    @property
    def right(self) -> bool:
        """Whether the best guess is the label."""
        return self.language == self.clip.language


def gather(console: Console, each: int, own: Path | None) -> list[Clip]:
    """All the clips."""
    clips = list(speech_clips.labelled(own)) if own else list(speech_clips.people(each))
    few = [clip for code in speech_clips.VOICES for clip in [c for c in clips if c.language == code][:_FAULTY_EACH]]
    clips += speech_clips.faulty(few)
    gsm = {clip.name for clip in few}
    clips += [replace(c, kind="GSM") for c in speech_clips.people(each, suffix="gsm") if c.name in gsm]
    clips += speech_clips.synthetic(speech_clips.cache_folder())
    clips += speech_clips.nameless(speech_clips.cache_folder())
    clips += speech_clips.without_speech()
    console.print("clips:", dict(Counter(clip.kind for clip in clips)))
    return clips


def examine(listener: LanguageListener, clips: Sequence[Clip], prior: dict[str, float]) -> list[Evidence]:
    """Everything that is known about each clip before weighing: the sound, and every reading."""
    found = []
    for clip in clips:
        heard = listener.ear.hear(clip.samples)
        readings = listener.read(heard, fuse(heard, prior), prior) if heard.has_speech else ()
        found.append(Evidence(clip.language, clip.kind, replace(heard, encoded=None), readings, prior))
    return found


def weigh(evidence: Evidence, weights: Calibration) -> tuple[str, float, str]:
    """Language, confidence and decision, exactly as `LanguageListener.identify` makes them."""
    decision = decide(fuse(evidence.heard, evidence.prior, (), weights), weights, sound_alone=True)
    if decision.kind not in ("accept", "no_speech"):
        decision = decide(fuse(evidence.heard, evidence.prior, evidence.readings, weights), weights)
    # Questions about look-alikes are a promise to the person, not a doubt of the measure: reported apart.
    return decision.language or "", decision.confidence, decision.kind


def calibrate(console: Console, clips: Sequence[Clip], evidence: list[Evidence]) -> Calibration:
    """Fit with five folds, choose thresholds on what was held out, fit again on all, write the file."""
    order = np.random.default_rng(7).permutation(len(evidence))
    # A clip and its faulty copies stay on one side.
    group = {name: position % _FOLDS for position, name in enumerate(dict.fromkeys(clips[i].name for i in order))}
    held: list[tuple[Evidence, Calibration]] = []
    for fold in range(_FOLDS):
        weights = fit([evidence[i] for i in order if group[clips[i].name] != fold])
        held += [(evidence[i], weights) for i in order if group[clips[i].name] == fold]
    sure, accept = thresholds(held)
    weights = replace(fit(evidence), sure=sure, accept=accept)
    lines = ["# Fitted by `python -m benchmarks.speech_language --calibrate`; read by voice.language."]
    lines += [f"{name} = {value:.4f}" for name, value in asdict(weights).items()]
    _TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    Calibration.fitted.cache_clear()
    by_id = {id(one): clip for one, clip in zip(evidence, clips, strict=True)}
    answers = [Answer(by_id[id(one)], *weigh(one, replace(fitted, sure=sure, accept=accept))) for one, fitted in held]
    show(console, answers, "held out (five folds)")
    return weights


def show(console: Console, answers: Sequence[Answer], title: str) -> None:
    """Accuracy, acceptance and precision for each kind of clip."""
    table = Table("clips", "count", "right %", "accepted %", "right of those %", "asked %", "menu %", title=title)
    for kind in dict.fromkeys(answer.clip.kind for answer in answers):
        group = [answer for answer in answers if answer.clip.kind == kind]
        taken = [answer.right for answer in group if answer.decision == "accept"]
        share = Counter(answer.decision for answer in group)
        table.add_row(
            kind,
            str(len(group)),
            f"{100 * np.mean([answer.right for answer in group]):.1f}",
            f"{100 * len(taken) / len(group):.1f}",
            f"{100 * np.mean(taken):.1f}" if taken else "-",
            f"{100 * share['confirm'] / len(group):.1f}",
            f"{100 * share['menu'] / len(group):.1f}",
        )
    console.print(table)
    wrong = [a for a in answers if a.decision == "accept" and not a.right]
    console.print("accepted and wrong:", [f"{a.clip.kind} {a.clip.name} as {a.language}" for a in wrong])


def baseline(console: Console, listener: LanguageListener, clips: Sequence[Clip], prior: dict[str, float]) -> None:
    """Each library alone and ours in turn, on the recorded people, undisturbed."""
    model = listener.ear._model
    names = ("detect_language", "its words, langdetect", "its words, py3langid", "ours")
    right: dict[str, list[bool]] = {name: [] for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for clip in [clip for clip in clips if clip.kind == "people"][::_BASELINE_EVERY]:
        began = time.perf_counter()
        named = product_code(model.detect_language(clip.samples)[0])
        taken = time.perf_counter() - began
        found = listener.identify_samples(clip.samples, prior)
        began = time.perf_counter()
        written = listener.ear.transcribe(found.heard, named).text if named in listener.ear.writes else ""
        words = taken + time.perf_counter() - began
        votes = textid.ask_voters(written) if written else None
        for name, answer, spent in (
            (names[0], named, taken),
            (names[1], _loudest(votes, votes.langdetect if votes else {}), words),
            (names[2], _loudest(votes, votes.py3langid if votes else {}), words),
            (names[3], found.language, found.seconds),
        ):
            right[name].append(answer == clip.language)
            seconds[name].append(spent)
    table = Table("on recorded people", "right %", "median s", "p90 s", "mean s", title=f"{len(right['ours'])} clips")
    for name in names:
        taken_by = seconds[name]
        figures = (statistics.median(taken_by), statistics.quantiles(taken_by, n=10)[-1], np.mean(taken_by))
        table.add_row(name, f"{100 * np.mean(right[name]):.1f}", *(f"{figure:.3f}" for figure in figures))
    console.print(table)
    pairs = zip(seconds["detect_language"], seconds["ours"], strict=True)
    ratio = statistics.median(theirs / ours for theirs, ours in pairs)
    console.print(f"{ratio:.1f} times as fast as detect_language (median of the ratios)")


def _loudest(votes: Votes | None, vote: Mapping[str, float]) -> str:
    """A voter's own first choice; the script's where it leaves only one."""
    if votes is not None and len(votes.allowed) == 1:
        return votes.allowed[0]
    return max(vote, key=lambda code: vote[code], default="")


def clear_readings(console: Console, evidence: Sequence[Evidence]) -> None:
    """How well speech reads in its own language, and how well speech the model cannot name reads in any."""
    for kind in dict.fromkeys(one.kind for one in evidence if one.readings):
        best = [
            max(r.transcript.avg_logprob for r in one.readings) for one in evidence if one.kind == kind and one.readings
        ]
        quarters = statistics.quantiles(best, n=4)
        console.print(f"best reading's log probability, {kind}: quartiles {', '.join(f'{q:.2f}' for q in quarters)}")


def draw(answers: Sequence[Answer]) -> None:
    """The reliability diagram and the confusions, as pictures."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    spoken = [answer for answer in answers if answer.clip.language]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.5))
    edges = np.array([0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.001])
    where = np.digitize([answer.confidence for answer in spoken], edges) - 1
    said, held, count = [], [], []
    for number in range(len(edges) - 1):
        group = [answer for answer, at in zip(spoken, where, strict=True) if at == number]
        if group:
            said.append(np.mean([answer.confidence for answer in group]))
            held.append(np.mean([answer.right for answer in group]))
            count.append(len(group))
    left.plot([0, 1], [0, 1], color="#999", linewidth=1)
    left.scatter(said, held, s=[20 + n for n in count], color="#1b6ca8", alpha=0.8)
    for x, y, n in zip(said, held, count, strict=True):
        left.annotate(str(n), (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8)
    left.set(
        xlabel="how sure it says it is", ylabel="how often it is right", title="Reliability (count beside each dot)"
    )
    right.hist(
        [answer.confidence for answer in spoken if answer.right], bins=20, range=(0, 1), color="#1b6ca8", label="right"
    )
    right.hist([a.confidence for a in spoken if not a.right], bins=20, range=(0, 1), color="#c1440e", label="wrong")
    right.set(xlabel="how sure it says it is", ylabel="clips", yscale="log", title="Right and wrong answers")
    right.legend()
    figure.tight_layout()
    figure.savefig("docs/speech_reliability.png", dpi=110)
    _draw_confusions(spoken)


def _draw_confusions(answers: Sequence[Answer]) -> None:
    from matplotlib import pyplot

    rows = sorted({answer.clip.language for answer in answers})
    columns = sorted({answer.language for answer in answers} | set(rows))
    table = np.zeros((len(rows), len(columns)))
    for answer in answers:
        table[rows.index(answer.clip.language), columns.index(answer.language)] += 1
    table /= table.sum(axis=1, keepdims=True)
    figure, axes = pyplot.subplots(figsize=(0.28 * len(columns) + 2, 0.28 * len(rows) + 1.5))
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=7)
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    axes.set(xlabel="answered", ylabel="spoken (share of its clips)")
    figure.tight_layout()
    figure.savefig("docs/speech_confusions.png", dpi=110)


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--calibrate", action="store_true")
    asked.add_argument("--each", type=int, default=60, help="recorded prompts a language")
    asked.add_argument("--clips", type=Path, help="your own labelled clips instead of the recorded prompts")
    told = asked.parse_args()
    console = Console(width=130)
    settings = Settings()
    prior = prior_of(settings)
    clips = gather(console, told.each, told.clips)
    listener = LanguageListener(settings.speech_model, settings.cache_dir, settings.speech_threads)
    evidence = examine(listener, clips, prior)
    if told.calibrate:
        calibrate(console, clips, evidence)
    weights = Calibration.fitted()
    answers = [Answer(clip, *weigh(one, weights)) for clip, one in zip(clips, evidence, strict=True)]
    show(console, answers, "shipped weights")
    clear_readings(console, evidence)
    draw(answers)
    asked_again = [
        question(decide(fuse(one.heard, prior, one.readings, weights), weights), one.readings) for one in evidence
    ]
    turned = Counter(d.language for d, a in zip(asked_again, answers, strict=True) if a.decision == "accept" != d.kind)
    console.print("accepted, but asked because others are taken for it:", dict(turned))
    fresh = LanguageListener(settings.speech_model, settings.cache_dir, settings.speech_threads)
    baseline(console, fresh, clips, prior)


if __name__ == "__main__":
    main()
