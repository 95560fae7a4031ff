"""Writes the golden values, one safetensors file per case of `cases.py`.

    python tests/golden/make.py            # writes tests/golden/*.safetensors
    python tests/golden/make.py --check    # compares with the files that are there
"""

import argparse
import itertools
import json
import struct
import sys
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch

import checks
import twin
from cases import CASES

HERE = Path(__file__).parent
LIMIT_BYTES = 60_000
TOTAL_BYTES = 720_000


def draw(case, layers, seed):
    """Pixels, labels and latent parameters, float32 values in float64, from a seed."""
    random = np.random.Generator(np.random.PCG64([seed, *case.name.encode()]))
    pixels = random.integers(0, case.levels, (case.batch, *case.input))
    labels = random.integers(0, case.classes, case.batch)
    latents = {}
    for name, (weight, _, _) in twin.shapes(layers, case.input).items():
        layer = next(layer for layer in layers if layer.name == name)
        values = random.standard_normal(weight) * case.spread
        # Near a step of a quantizer float32 could fall on the other side: draw these again.
        for _ in range(100):
            bad = np.zeros(weight, bool)
            for point in checks.steps(layer.weights):
                bad |= np.abs(np.abs(values) - point) < 2 * checks.MARGIN
            values[bad] = random.standard_normal(bad.sum()) * case.spread
        latents[f"{name}.weight"] = values
        if layer.norm:
            flip = np.where(random.random(layer.outputs) < 0.3, -1.0, 1.0)
            if layer.norm.gamma:
                latents[f"{name}.norm.gamma"] = flip * random.uniform(0.5, 1.5, layer.outputs)
            beta = random.uniform(0.05, 0.5, layer.outputs)
            latents[f"{name}.norm.beta"] = beta * random.choice([-1.0, 1.0], layer.outputs)
    latents = {
        name: torch.from_numpy(values.astype(np.float32)).double().requires_grad_()
        for name, values in latents.items()
    }
    return torch.from_numpy(pixels), torch.from_numpy(labels), latents


def find(case):
    """The first seed whose run no rounding of float32 can change, the error of a float32 run
    relative to each tensor's largest value, and the tensors."""
    layers = twin.read_layers(case.text, case.classes)
    for seed in itertools.count():
        assert seed < 2000, f"{case.name}: no seed found, last fault: {why}"
        pixels, labels, latents = draw(case, layers, seed)

        def run(parameters, smooth=False):
            return twin.Run(
                layers, case.contract, case.loss, pixels, labels, parameters, smooth
            )

        result = run(latents).backward()
        why = checks.fault(case, result)
        if why is None:
            error = checks.single(result, run)
            if error < checks.ROUNDING:
                break
            why = f"float32 is off by {error}"
    checks.products(result)
    checks.norms(result)
    checks.differences(lambda parameters: run(parameters, smooth=True), latents)
    return seed, error, tensors(result, pixels, labels)


def tensors(run, pixels, labels):
    """What a file holds, as numpy arrays."""
    out = {
        "pixels": pixels.to(torch.uint8),
        "labels": labels.to(torch.uint8),
        "logits": run.logits,
        "loss": run.loss.reshape(1),
    }
    for name, latent in run.latents.items():
        out[name] = latent.to(torch.float32)
        out[f"grad.{name}"] = latent.grad
    for layer in run.layers:
        name = layer.name
        if layer.kind == "mean-pool":
            out[f"{name}.outputs"] = run.means[name]
            continue
        integer = name in run.integer
        out[f"{name}.sums"] = run.sums[name].to(torch.int32) if integer else run.real[name]
        out[f"{name}.z"] = run.z[name]
        out[f"grad.{name}.sums"] = run.real[name].grad
        if layer.norm:
            mean, variance = run.statistics(layer)
            out[f"{name}.norm.mean"], out[f"{name}.norm.variance"] = mean, variance
    arrays = {name: tensor.detach().contiguous().numpy() for name, tensor in out.items()}
    for name, array in arrays.items():
        assert np.isfinite(array).all(), name
        # No negative zeros, so that a comparison of bytes is one of values.
        arrays[name] = array + np.zeros((), array.dtype)
    return arrays


def serialize(arrays, metadata):
    """The safetensors format; the library's own writer orders the metadata at random."""
    names = {"uint8": "U8", "int32": "I32", "float32": "F32", "float64": "F64"}
    header, data = {"__metadata__": metadata}, b""
    for name in sorted(arrays, key=lambda name: (-arrays[name].itemsize, name)):
        array = arrays[name]
        chunk = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": names[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(chunk)],
        }
        data += chunk
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def difference(stored, bytes_now):
    """What differs between a stored file and one made now, or None; floats may in the last bits."""
    stored, now = safetensors.numpy.load(stored), safetensors.numpy.load(bytes_now)
    if stored.keys() != now.keys():
        return f"names {sorted(stored.keys() ^ now.keys())}"
    for name, array in now.items():
        if array.dtype != stored[name].dtype or array.shape != stored[name].shape:
            return f"{name}: type or shape"
        exact = array.dtype != np.float64
        tolerance = {"rtol": 0, "atol": 0} if exact else {"rtol": 1e-9, "atol": 1e-11}
        if not np.allclose(stored[name], array, **tolerance):
            return f"{name}: values"
    return None


def main():
    parser = argparse.ArgumentParser(description="writes the golden values")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    checks.surrogates()
    checks.pool_ties()
    checks.paddings()
    total_bytes, failed = 0, False
    for case in CASES:
        seed, error, arrays = find(case)
        metadata = {
            "network": case.text,
            "input": " ".join(map(str, case.input)),
            "classes": str(case.classes),
            "contract": " ".join(map(str, case.contract)),
            "loss": case.loss,
            "seed": str(seed),
        }
        file = serialize(arrays, metadata)
        assert len(file) < LIMIT_BYTES, f"{case.name}: {len(file)} bytes"
        total_bytes += len(file)
        path, note = HERE / f"{case.name}.safetensors", ""
        if options.check:
            why = difference(path.read_bytes(), file) if path.exists() else "no such file"
            note = f"  differs: {why}" if why else "  agrees"
            failed |= why is not None
        else:
            assert safetensors.numpy.load(file).keys() == arrays.keys()
            path.write_bytes(file)
        print(f"{case.name:<36}{len(file):>7} bytes  seed {seed}  float32 within {error:.0e}{note}")
    print(f"{'all':<36}{total_bytes:>7} bytes")
    assert total_bytes < TOTAL_BYTES
    sys.exit(failed)


if __name__ == "__main__":
    main()
