"""Writes golden.tfevents with TensorBoard's own record writer, for the tests of crates/report.

    pip install -r tests/tensorboard/requirements.txt
    python tests/tensorboard/make.py

A second run gives the same bytes. The events are repeated in crates/report/src/events/tests.rs.
"""

from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

START = 1763937000.25


def scalars(step, wall_time, numbers):
    values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in numbers]
    summary = summary_pb2.Summary(value=values)
    return event_pb2.Event(step=step, wall_time=wall_time, summary=summary)


EVENTS = [
    event_pb2.Event(wall_time=START, file_version="brain.Event:2"),
    scalars(0, START + 1, [("train/loss", 0.5)]),
    scalars(1, START + 2, [("train/loss", 0.1), ("flip_ratio/conv1", 0.0), ("größe", -1e-40)]),
    scalars(300, 0.0, [(f"angle_deg/layer{i}", 37.07 + i) for i in range(20)]),
    event_pb2.Event(
        step=2, wall_time=START + 3,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START),
    ),
    scalars(-1, -5.5, [("", float("inf"))]),
    scalars(2**63 - 1, 1e300, [("x" * 200, float("-inf"))]),
]

with (Path(__file__).parent / "golden.tfevents").open("wb") as file:
    writer = RecordWriter(file)
    for event in EVENTS:
        writer.write(event.SerializeToString())
