from __future__ import annotations

import os
import re

from chaffinch.servers.counters import SECONDS, Counters


def test_what_several_processes_count_adds_up() -> None:
    counters = Counters(3, ["spamd"])
    children = []
    for worker in (1, 2):
        child = os.fork()
        if child == 0:
            counters.worker = worker
            for _ in range(1000):
                counters.add("requests_total", door="spamd", outcome="judged")
            os._exit(0)
        children.append(child)
    counters.add("requests_total", door="spamd", outcome="judged")
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    assert counters.total("requests_total", door="spamd", outcome="judged") == 2001


def test_gauges_of_a_process_that_has_ended_are_forgotten() -> None:
    counters = Counters(2, ["spamd"])
    counters.set("ready", 1)
    counters.add("connections_open", door="spamd")
    counters.add("connections_total", door="spamd")
    counters.forget(0)
    assert counters.total("ready") == 0
    assert counters.total("connections_open", door="spamd") == 0
    assert counters.total("connections_total", door="spamd") == 1


def test_what_prometheus_reads() -> None:
    counters = Counters(1, ["spamd", "milter"])
    for seconds in (0.0001, 0.003, 0.004, 99.0):
        counters.took("spamd", seconds)
    text = counters.text()
    assert text.endswith("\n")
    line = re.compile(r'(# (HELP|TYPE) \w+ .+|chaffinch_\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)')
    assert all(line.fullmatch(one) for one in text.splitlines())
    buckets = re.findall(r'seconds_bucket\{door="spamd",le="(.+)"\} (\d+)', text)
    assert [bound for bound, _ in buckets] == [*map(str, SECONDS), "+Inf"]
    counts = [int(count) for _, count in buckets]
    assert counts == sorted(counts)
    assert (counts[0], counts[2], counts[-2], counts[-1]) == (1, 3, 3, 4)
    assert 'chaffinch_request_seconds_count{door="spamd"} 4' in text
    assert 'chaffinch_request_seconds_sum{door="spamd"} 99.0071' in text
    # All of one counter together, each told of once.
    names = re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names))
