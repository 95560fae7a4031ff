"""Reads the event files of a directory with TensorBoard's own reader.

    python tests/tensorboard/check.py DIRECTORY                 prints a line of JSON per number
    python tests/tensorboard/check.py DIRECTORY METRICS.jsonl   holds them against the run's lines

The exit status is 1, and the differences are said, unless the events hold every number of the
lines, as float32 and at its epoch, and nothing else.
"""

import json
import sys

import numpy
from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

TAGS = {
    "train_loss": "train/loss",
    "train_accuracy": "train/accuracy",
    "valid_loss": "valid/loss",
    "valid_accuracy": "valid/accuracy",
    "test_loss": "test/loss",
    "test_accuracy": "test/accuracy",
    "lr": "lr",
    "images_per_second": "images_per_second",
}


def read(directory):
    """`{(tag, step): value}`, values as TensorBoard gives them; a pair that repeats is an error."""
    accumulator = EventAccumulator(directory, size_guidance={SCALARS: 0})
    accumulator.Reload()
    found = {}
    for tag in accumulator.Tags()[SCALARS]:
        for event in accumulator.Scalars(tag):
            if (tag, event.step) in found:
                sys.exit(f"{tag} stands twice at step {event.step}")
            found[tag, event.step] = event.value
    return found


def expected(path):
    """The numbers of a run's lines, under the tags that events have."""
    numbers = {}
    with open(path, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if "epoch" not in line:
                continue
            step = line["epoch"]
            for key, tag in TAGS.items():
                if key in line:
                    numbers[tag, step] = line[key]
            for layer in line["layers"]:
                for key in ("flip_ratio", "angle_deg"):
                    if key in layer:
                        numbers[f"{key}/{layer['name']}", step] = layer[key]
    return {place: float(numpy.float32(number)) for place, number in numbers.items()}


def main():
    found = read(sys.argv[1])
    if len(sys.argv) == 2:
        for (tag, step), value in sorted(found.items()):
            print(json.dumps({"tag": tag, "step": step, "value": value}))
        return
    wanted = expected(sys.argv[2])
    if not wanted:
        sys.exit(f"{sys.argv[2]} has no numbers, expected those of at least one epoch")
    wrong = 0
    for place in sorted(found.keys() | wanted.keys()):
        if found.get(place) != wanted.get(place):
            wrong += 1
            tag, step = place
            print(f"{tag} at {step}: events {found.get(place)}, lines {wanted.get(place)}")
    tags = len({tag for tag, _ in found})
    print(f"{len(found)} numbers under {tags} tags, {wrong} of them wrong")
    sys.exit(1 if wrong else 0)


main()
