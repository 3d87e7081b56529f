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
    assert (meter.done, meter.painted, meter.skipped, meter.rate) == (60, 20, 2, 2.0)
    clock.now += 10
    meter.update(5, 40, 2)
    assert (meter.rate, meter.seconds_left) == (2.0, 10.0)
    assert str(meter) == "80/100 pictures, 2.00/s, 0:00:10 left, 2 skipped"


def test_there_is_no_forecast_before_it_means_something_and_none_at_the_end():
    clock = Clock()
    meter = Meter(total=40, clock=clock, prepared=30)
    for done, pause in ((1, 0.01), (2, 0.01), (30, 9)):
        clock.now += pause
        meter.update(0, done, 0)
        assert (meter.seconds_left, str(meter)) == (None, f"{done}/40 pictures")
    clock.now += 1
    assert "s left" not in str(meter)
    assert str(meter) == "30/40 pictures, 2.90/s, 0:00:03 left"
    meter.update(0, 40, 0)
    assert str(meter) == "40/40 pictures"
    assert round(meter.seconds) == 40


def test_a_line_isn_t_said_twice():
    clock, stream = Clock(), io.StringIO()
    with Display(Meter(total=1, clock=clock), stream) as display:
        clock.now += 11
        display.update(0, 1, 0)
    assert stream.getvalue() == "1/1 pictures\n"


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
    assert len(lines) == 5
    assert lines[0] == "10/50 pictures"
    assert lines[1] == "20/50 pictures, 1.00/s, 0:00:30 left"
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
