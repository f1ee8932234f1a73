"""The catalogue: whether its data are sound."""

from __future__ import annotations

import json

from chaffinch.datasets import CATALOGUE, describe, find


def test_the_catalogue_is_sound() -> None:
    assert list(CATALOGUE) == [
        "spamassassin",
        "sms",
        "sms_indonesian",
        "enron",
        "lingspam",
        "mnist",
        "fsdd",
        "speech_commands",
    ]
    assert [dataset.name for dataset in CATALOGUE.values() if dataset.verified] == [
        "spamassassin",
        "mnist",
        "speech_commands",
    ]
    for dataset in CATALOGUE.values():
        assert find(dataset.name) is dataset
        assert json.loads(json.dumps(describe(dataset)))["verified"] == dataset.verified
        assert dataset.citation
        assert dataset.licence
        assert dataset.local[0].startswith(dataset.name)
        assert dataset.files
        assert len({file.name for file in dataset.files}) == len(dataset.files)
        assert all(url.startswith("https://") for file in dataset.files for url in file.urls)
        if dataset.labels:
            assert sum(number for _, number in dataset.labels) == dataset.items
