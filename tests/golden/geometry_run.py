"""Weight geometry of a trained run a second time, with numpy, from the exported weights.

    orthant geometry RUN --out REPORT
    python tests/golden/geometry_run.py RUN REPORT/geometry.json

Reads the checkpoint's latent weights and compares angles, their deviations, the moments and the law of
independent draws with what the report says. Needs numpy and safetensors; ends with 1 where a number is
further away than rounding explains.
"""

import json
import sys
import tomllib
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def angles_deg(weights, quantized):
    """Angles between the rows of two matrices, in degrees."""
    dots = (weights * quantized).sum(axis=1)
    norms = np.linalg.norm(weights, axis=1) * np.linalg.norm(quantized, axis=1)
    return np.degrees(np.arccos(np.clip(dots / norms, -1, 1)))


def threshold_of(recipe):
    quantizer = recipe["network"]["weights"]
    return quantizer.get("threshold", 0.0) if isinstance(quantizer, dict) else 0.0


def independent_draws(weights, d, threshold):
    """Mean angle of d independent draws of the layer's own weights, by drawing."""
    random = np.random.default_rng(1)
    drawn = random.choice(weights.ravel(), size=(20_000_000 // d, d))
    return angles_deg(drawn, quantize(drawn, threshold)).mean()


def quantize(weights, threshold):
    if threshold > 0:
        return np.sign(weights) * (np.abs(weights) > threshold)
    return np.where(weights >= 0, 1.0, -1.0)


def main(run, report):
    tensors = load_file(Path(run) / "checkpoint.safetensors")
    threshold = threshold_of(tomllib.loads((Path(run) / "recipe.toml").read_text()))
    layers = json.loads(Path(report).read_text())["layers"]
    worst = {}
    for layer in layers:
        weights = tensors[f"{layer['name']}.weight"].astype(np.float64)
        weights = weights.reshape(layer["filters"], layer["d"])
        angles = angles_deg(weights, quantize(weights, threshold))
        found = {
            "angle_mean_deg": (angles.mean(), 1e-6),
            "angle_sd_deg": (angles.std(ddof=1), 1e-6),
            "rms": (np.sqrt((weights**2).mean()), 1e-6),
            "excess_kurtosis": (kurtosis(weights), 1e-5),
            "theory_mean_deg": (independent_draws(weights, layer["d"], threshold), 0.1),
        }
        if layer["d"] < 20:
            # The law holds to first order in 1/d.
            del found["theory_mean_deg"]
        for key, (expected, tolerance) in found.items():
            apart = abs(layer[key] - expected)
            worst[key] = max(worst.get(key, 0.0), apart)
            if apart > tolerance:
                sys.exit(f"{layer['name']}: {key} is {layer[key]}, numpy has {expected}")
    print(f"{len(layers)} layers agree; largest differences:")
    for key, apart in worst.items():
        print(f"  {key:18} {apart:.2e}")


def kurtosis(weights):
    centred = weights - weights.mean()
    return (centred**4).mean() / (centred**2).mean() ** 2 - 3


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
