"""What a number of minutes is spent on: steps and pictures by a fixed table, so that equal minutes give equal numbers.

Nothing here is measured while it runs. A machine that is much slower than the table takes longer, and learns the same.
"""

from __future__ import annotations

from dataclasses import dataclass

MEDIA = ("bezier", "oil", "ink", "region", "pencil", "illustration")
# How noisy the frames are that captions are tried on, and how many captions each is, see `trials.captions`.
LEVELS, CAPTIONS = 4, 7
# Prompts that are always the same, see `trials.words`.
FIXED = 6
# Of sampling: what the pipelines take by themselves with nano's networks.
STEPS = 15


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Nominal seconds on one kind of machine.

    Attributes:
        start: of a command: imports, networks and compiled kernels.
        judge: of a phase that trains on pictures, beside its steps: validations, and the sheet that shows its result.
        judge_processes: the same of one that trains on processes.
        picture: to paint a picture in one medium.
        reader: to learn how to read scenes, and to measure how the corpus's own processes go.
        autoencoder: a step of 16 crops; likewise the others with the batches of nano's recipes.
        base: a step of 16 pictures.
        motion: a step of 4 processes.
        replication: a step of 4 processes.
        spatial: a step of the artist's first LoRA, 4 pictures.
        artist: a step of the artist's second LoRA, 2 processes.
        painting: one pass of the networks for one painting.
        shown: the same with the replication network.
    """

    start: float
    judge: float
    judge_processes: float
    picture: float
    reader: float
    autoencoder: float
    base: float
    motion: float
    replication: float
    spatial: float
    artist: float
    painting: float
    shown: float


RATES = {
    # Two idle cores of a virtual machine (AMD EPYC, Zen 5), a process each. Steps of base, motion and replication
    # weren't measured with today's batches: these are twice those of half the batch, or a little less.
    "cpu": Rates(
        start=8, judge=4, judge_processes=22, picture=0.07, reader=17, autoencoder=0.075, base=0.30,
        motion=0.36, replication=0.60, spatial=0.09, artist=0.25, painting=0.06, shown=0.09,
    ),
    # Two cores of an older one (AMD EPYC without AVX-512), which has no instructions for bf16 and trains in float32.
    # All but the autoencoder is from half an hour with nothing else at work.
    "cpu-float32": Rates(
        start=12, judge=20, judge_processes=95, picture=0.165, reader=60, autoencoder=0.25, base=1.38,
        motion=2.95, replication=3.75, spatial=0.5, artist=1.5, painting=0.30, shown=0.40,
    ),
    # Not measured: nano is so small that a GPU mostly waits to be told what to do. Pictures are painted by 8 cores.
    "cuda": Rates(
        start=8, judge=3, judge_processes=6, picture=0.02, reader=17, autoencoder=0.03, base=0.10, motion=0.12,
        replication=0.18, spatial=0.06, artist=0.10, painting=0.01, shown=0.015,
    ),
}  # fmt: skip

# Parts of the whole. The image model decides what is painted, the replication network, with the motion module that
# trains on beside it, how good that is; trials that look at a handful of paintings tell little. The reserve is
# nobody's: the same run took 30 minutes and 33 on the same two cores of a shared machine.
SHARES = {
    "corpus": 0.09, "autoencoder": 0.08, "base": 0.18, "motion": 0.09, "replication": 0.15, "artist": 0.10,
    "trials": 0.23, "reserve": 0.08,
}  # fmt: skip

# Steps of the artist's second LoRA: more of them learn four processes by heart.
MOST_ARTIST = 600


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is painted to see what was learned.

    Attributes:
        pictures: unseen ones that are reconstructed.
        plain: of these, how many are painted without the replication network too.
        completed: half-painted canvases.
        prompts: that are painted in each medium.
        words: scenes that are painted from words.
        noisy: processes of each medium that captions are tried on.
    """

    pictures: int
    plain: int
    completed: int
    prompts: int
    words: int
    noisy: int

    def seconds(self, rates: Rates) -> float:
        """Nominal seconds of all trials."""
        media = len(MEDIA)
        shown = self.pictures + self.completed
        # Guidance takes two passes; the artist's prompts are painted with and without LoRAs.
        plain = self.plain + 2 * (self.prompts * (media + 2) + FIXED + self.words)
        painting = STEPS * (shown * rates.shown + plain * rates.painting)
        captions = self.noisy * media * LEVELS * CAPTIONS * rates.painting
        return 2 * rates.start + rates.reader + painting + captions


# From what tells something at all to what leaves little to chance.
EFFORTS = (
    Effort(pictures=4, plain=2, completed=2, prompts=1, words=8, noisy=1),
    Effort(pictures=16, plain=4, completed=4, prompts=1, words=12, noisy=1),
    Effort(pictures=32, plain=4, completed=4, prompts=1, words=24, noisy=2),
    Effort(pictures=32, plain=8, completed=12, prompts=2, words=120, noisy=4),
    Effort(pictures=32, plain=16, completed=18, prompts=4, words=240, noisy=8),
    Effort(pictures=64, plain=32, completed=36, prompts=8, words=480, noisy=16),
)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What is done in the time.

    Attributes:
        pictures: that are painted in all media, at most.
        autoencoder: steps, likewise the others; none if it is trained already.
        base: of text encoder and UNet.
        motion: of the motion module.
        replication: of the replication network.
        spatial: of the artist's LoRAs, the first.
        artist: and the second.
        effort: of the trials.
        seconds: nominal ones of each part.
    """

    pictures: int
    autoencoder: int
    base: int
    motion: int
    replication: int
    spatial: int
    artist: int
    effort: Effort
    seconds: dict[str, float]


def rates_of(device: str, precision: str) -> Rates:
    """What a machine is expected to take, `cpu` or `cuda`, training in `bf16` or not (`no`)."""
    return RATES["cpu-float32" if (device, precision) == ("cpu", "no") else device]


def divide(minutes: float, rates: Rates, *, scratch: bool = True) -> Budget:
    """The budget of a number of minutes, of which every part gets its share, and some is left.

    The image model gets what others have no use for: an autoencoder that is there, trials and artist beyond their most.

    Args:
        minutes: of all.
        rates: of the machine.
        scratch: whether an autoencoder is trained.

    Raises:
        ValueError: too few minutes for anything at all.
    """
    share = {part: 60 * minutes * of_all for part, of_all in SHARES.items()}
    fitting = [effort for effort in EFFORTS if effort.seconds(rates) <= share["trials"]]
    # The commands load what they need, and the phases are judged, whatever the number of steps.
    pictures_stage, stage = rates.start + rates.judge, rates.start + rates.judge_processes
    # The artist's own small corpus, two phases, and three steps of the second to one of the first, as in the recipe.
    beside, of_artist = pictures_stage + stage, rates.artist + rates.spatial / 3
    artist = min(MOST_ARTIST, int((share["artist"] - beside) / of_artist))
    pictures = int((share["corpus"] - rates.start) / rates.picture)
    of_autoencoder = share["autoencoder"] if scratch else 0.0
    autoencoder = int((of_autoencoder - rates.judge) / rates.autoencoder) if scratch else 0
    most = {"trials": EFFORTS[-1].seconds(rates), "artist": beside + MOST_ARTIST * of_artist}
    left = share["autoencoder"] - of_autoencoder + sum(max(0.0, share[part] - most[part]) for part in most)
    base = int((share["base"] + left - pictures_stage) / rates.base)
    motion, replication = (int((share[name] - stage) / getattr(rates, name)) for name in ("motion", "replication"))
    least = min(artist // 3, pictures, base, motion, replication, autoencoder if scratch else base)
    if not fitting or least < 1:
        raise ValueError(
            f"minutes is {minutes:g}: on this machine too few to learn anything, and try it out: give more"
        )
    return Budget(
        pictures=pictures,
        autoencoder=autoencoder,
        base=base,
        motion=motion,
        replication=replication,
        spatial=artist // 3,
        artist=artist,
        effort=fitting[-1],
        seconds={
            "corpus": rates.start + pictures * rates.picture,
            "base": pictures_stage + scratch * rates.judge + autoencoder * rates.autoencoder + base * rates.base,
            "motion": stage + motion * rates.motion,
            "replication": stage + replication * rates.replication,
            "artist": beside + artist // 3 * rates.spatial + artist * rates.artist,
            "trials": fitting[-1].seconds(rates),
        },
    )
