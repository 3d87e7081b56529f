import io
import logging

from underpaint.datagen.jobs.progress import Display, Meter, clock_time


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_resumed_pictures_count_as_done_but_not_in_the_rate():
    clock = Clock()
    meter = Meter(total=100, resumed=40, clock=clock)
    assert (meter.done, meter.rate, meter.seconds_left) == (40, 0, None)
    clock.now += 10
    meter.update(5, 20, 2)
    assert (meter.done, meter.painted, meter.skipped, meter.rate, meter.seconds_left) == (60, 20, 2, 2.0, 20.0)
    assert str(meter) == "60/100 pictures, 2.00/s, 0:00:20 left, 2 skipped"


def test_the_start_of_the_workers_doesn_t_count():
    clock = Clock()
    meter = Meter(total=100, clock=clock)
    clock.now += 60
    meter.update(0, 2, 0)
    clock.now += 10
    meter.update(1, 20, 0)
    assert (meter.rate, meter.seconds_left) == (2.0, 39.0)


def test_a_shard_that_starts_again_doesn_t_count_twice():
    meter = Meter(total=10, clock=Clock())
    for done in (1, 2, 3):
        meter.update(0, done, 1)
    meter.update(0, 1, 0)
    meter.update(1, 4, 2)
    assert (meter.painted, meter.skipped) == (5, 2)


def test_lines_come_now_and_then_where_there_is_no_terminal():
    clock, stream = Clock(), io.StringIO()
    with Display(Meter(total=50, clock=clock), stream) as display:
        for picture in range(1, 51):
            clock.now += 1
            display.update(0, picture, 0)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("10/50 pictures, 1.00/s, 0:00:40 left")
    assert lines[-1].startswith("50/50 pictures")


def test_without_a_stream_the_lines_are_logged(caplog, capsys):
    with caplog.at_level(logging.INFO), Display(Meter(total=2, clock=Clock())) as display:
        display.update(0, 2, 0)
    assert caplog.messages == ["2/2 pictures"]
    assert capsys.readouterr().out == ""  # whoever uses the library decides where they go


def test_a_bar_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with Display(Meter(total=2, clock=Clock()), stream) as display:
        display.update(0, 2, 1)
    assert "2/2 pictures" in stream.getvalue()


def test_times():
    assert [clock_time(seconds) for seconds in (0.4, 61, 3600 * 26 + 5)] == ["0:00:00", "0:01:01", "26:00:05"]
