from dataclasses import replace

import pytest

from underpaint.datagen.format.sample import Failure
from underpaint.datagen.format.sidecar import SampleEntry, Sidecar
from underpaint.datagen.trust.accounting import account_faults

BOTH = ("bezier", "oil")


def entry(index: int, renderer: str) -> SampleEntry:
    return SampleEntry(
        key=f"{index:08d}-p{index}-{renderer}",
        source=f"p{index}.png",
        renderer=renderer,
        strokes=1,
        psnr=None,
        seed=0,
        offset=0,
        bytes=0,
        members={},
    )


def failure(index: int, renderer: str | None) -> Failure:
    return Failure(source=f"p{index}.png", index=index, renderer=renderer, reason="r", detail="d")


def sidecar(samples: list[SampleEntry], failures: list[Failure]) -> Sidecar:
    return Sidecar(
        shard="000001",
        fingerprint="f",
        first=4,
        last=6,
        count=len(samples),
        bytes=0,
        sha256="",
        samples=tuple(samples),
        failures=tuple(failures),
        seconds={},
        versions={},
    )


GOOD = sidecar(
    [entry(4, "bezier"), entry(4, "oil"), entry(5, "oil")],
    [failure(5, "bezier"), failure(6, None)],
)


def faults(changed: Sidecar) -> list[tuple[str, str]]:
    return list(account_faults(changed, lambda source: BOTH))


def test_every_picture_has_a_sample_or_a_failure_for_each_of_its_renderers():
    assert faults(GOOD) == []
    assert list(account_faults(GOOD, None)) == []


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"count": 4}, ["count"]),
        ({"samples": GOOD.samples[:2], "count": 2}, ["renderers"]),
        ({"samples": (*GOOD.samples, entry(6, "oil")), "count": 4}, ["renderers"]),
        ({"samples": (*GOOD.samples, entry(5, "oil")), "count": 4}, ["renderers"]),
        ({"samples": (*GOOD.samples[1:], entry(4, "ink"))}, ["renderers"]),
        ({"failures": GOOD.failures[:1]}, ["count"]),
        ({"failures": (GOOD.failures[0], failure(7, None))}, ["count"]),
        ({"failures": (*GOOD.failures, failure(6, None))}, ["renderers"]),
        ({"failures": (*GOOD.failures, failure(4, "oil"))}, ["renderers"]),
        ({"samples": (*GOOD.samples[:2], replace(entry(5, "oil"), key="x-p5-oil"))}, ["key", "renderers"]),
        ({"samples": (*GOOD.samples[:2], replace(entry(5, "oil"), key="00000005-p5-ink"))}, ["key"]),
    ],
)
def test_what_is_too_few_or_too_many_is_found(changes, kinds):
    assert [kind for kind, _ in faults(replace(GOOD, **changes))] == kinds


def test_the_renderer_must_be_the_one_that_was_drawn():
    drawn = {"p4.png": "oil", "p5.png": "bezier", "p6.png": "oil"}
    good = sidecar([entry(4, "oil"), entry(5, "bezier")], [failure(6, None)])
    assert list(account_faults(good, lambda source: (drawn[source],))) == []
    other = sidecar([entry(4, "bezier"), entry(5, "bezier")], [failure(6, None)])
    ((kind, detail),) = account_faults(other, lambda source: (drawn[source],))
    assert (kind, detail) == ("renderers", "picture 4 (p4.png) has samples or failures of bezier instead of oil")


def test_without_a_job_any_renderers_will_do_but_none_twice():
    twice = replace(GOOD, samples=(*GOOD.samples, entry(5, "oil")), count=4)
    assert [kind for kind, _ in account_faults(twice, None)] == ["renderers"]
