#!/usr/bin/env python3
"""Makes the files of this directory from scikit-learn's copy of the UCI digits.

    python3 make.py digits.csv.gz

`digits.csv.gz` is sklearn/datasets/data/digits.csv.gz of a scikit-learn wheel: 1,797 lines of 64
pixels and a label. Writes the images and labels as gzipped IDX files in the order of the source,
and the split as two lists of indices. Needs numpy 2 alone. The lists were drawn once and are
what counts: a numpy whose generator draws otherwise would give other lists, not better ones.

Ends by printing the SHA-256 that `Dataset::hash` must give, computed here without that code, and
the accuracies of a linear classifier on this split and on one in the order of the source.
"""

import gzip
import hashlib
import struct
import sys
from pathlib import Path

import numpy as np

SEED = 1998
TEST = 360
CLASSES = 10
HERE = Path(__file__).parent


def write_idx(name, array):
    """Writes unsigned bytes as gzipped IDX; without a time stamp, so that a rerun is equal."""
    header = struct.pack(f">{array.ndim + 1}I", 0x0800 + array.ndim, *array.shape)
    packed = gzip.compress(header + array.tobytes(), compresslevel=9, mtime=0)
    (HERE / name).write_bytes(packed)


def write_indices(name, indices):
    (HERE / name).write_text("".join(f"{index}\n" for index in indices))


def test_counts(labels):
    """Test images of each class: proportional, rounded by largest remainder to TEST in all."""
    share = np.bincount(labels, minlength=CLASSES) * TEST / len(labels)
    counts = np.floor(share).astype(int)
    order = np.argsort(counts - share, kind="stable")
    counts[order[: TEST - counts.sum()]] += 1
    return counts


def draw_split(labels):
    """Indices of the training images, shuffled, and of the test images, sorted."""
    random = np.random.Generator(np.random.PCG64(SEED))
    test = [
        random.permutation(np.flatnonzero(labels == label))[:count]
        for label, count in enumerate(test_counts(labels))
    ]
    test = np.sort(np.concatenate(test))
    train = random.permutation(np.setdiff1d(np.arange(len(labels)), test))
    return train, test


def dataset_hash(images, labels, splits):
    """The serialisation that `Dataset::hash` documents."""
    digest = hashlib.sha256(b"orthant dataset 1\n" + struct.pack("<Q", CLASSES))
    for name in map(str, range(CLASSES)):
        digest.update(struct.pack("<Q", len(name)) + name.encode())
    for indices in splits:
        digest.update(struct.pack("<4Q", len(indices), *images.shape[1:], 1))
        digest.update(images[indices].tobytes() + labels[indices].tobytes())
    return digest.hexdigest()


def linear_accuracy(images, labels, train, test):
    """Test accuracy of softmax regression, 1,500 steps of gradient descent from zero."""
    inputs = np.c_[images.reshape(-1, 64) / 8 - 1, np.ones(len(images))]
    targets = np.eye(CLASSES)[labels[train]]
    weights = np.zeros((65, CLASSES))
    for _ in range(1500):
        odds = np.exp(inputs[train] @ weights)
        error = odds / odds.sum(axis=1, keepdims=True) - targets
        weights -= 0.1 * (inputs[train].T @ error / len(train) + 1e-4 * weights)
    return np.mean(np.argmax(inputs[test] @ weights, axis=1) == labels[test])


def main():
    rows = np.loadtxt(sys.argv[1], delimiter=",")
    table = rows.astype(np.uint8)
    assert table.shape == (1797, 65) and (table == rows).all()
    images, labels = table[:, :64].reshape(-1, 8, 8), table[:, 64]
    assert images.max() == 16 and labels.max() == CLASSES - 1
    write_idx("images-idx3-ubyte.gz", images)
    write_idx("labels-idx1-ubyte.gz", labels)
    train, test = draw_split(labels)
    write_indices("train_indices.txt", train)
    write_indices("test_indices.txt", test)
    print(dataset_hash(images, labels, (train, test)))
    by_writer = np.split(np.arange(len(labels)), [len(train)])
    for name, split in (("this split", (train, test)), ("order of the source", by_writer)):
        print(f"{name}: {100 * linear_accuracy(images, labels, *split):.1f} %")


if __name__ == "__main__":
    main()
