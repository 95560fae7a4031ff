"""Statistics of products of a small network, by numpy in float64: the judge of `orthant-geometry`.

    python tests/golden/geometry_products.py            writes geometry-products.json
    python tests/golden/geometry_products.py --check    compares, writes nothing; exit code 1 when something differs
"""

import json
import sys
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("geometry-products.json")
IMAGES, SIDE, CHANNELS = 12, 6, 2
NETWORK = """
layers = [
    { kind = "conv", outputs = 6 },
    { kind = "conv", outputs = 7, pool = 2, weights = { quantizer = "ternary", threshold = 0.15 } },
    { kind = "conv", outputs = 5, border = "minus-one", activations = { quantizer = "ternary", threshold = 0.3 } },
    { kind = "dense", outputs = 3 },
]
"""


def conv(a, w, border):
    """SAME convolution: a [N, H, W, C], w [O, 3, 3, C]; also the patches [N H W, 9 C]."""
    a = np.pad(a, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=border)
    height, width = a.shape[1] - 2, a.shape[2] - 2
    taps = [a[:, u : u + height, v : v + width] for u in range(3) for v in range(3)]
    patches = np.stack(taps, axis=3).reshape(-1, w[0].size)
    return patches @ w.reshape(len(w), -1).T, patches


def sign(x):
    return np.where(x >= 0, 1.0, -1.0)


def ternary(x, threshold):
    return np.where(np.abs(x) > threshold, np.sign(x), 0.0)


def correlation(x, y):
    """Over all pairs; x, y : [positions, filters]."""
    r = np.corrcoef(x.ravel(), y.ravel())[0, 1]
    slope, intercept = np.polyfit(x.ravel(), y.ravel(), 1)
    within_x, within_y = x - x.mean(0), y - y.mean(0)
    opposite = np.where(np.abs(x * y) < 1e-9, 0.5, (x * y < 0).astype(float))
    return {
        "r": r,
        "r_within_filters": (within_x * within_y).sum() / np.sqrt((within_x**2).sum() * (within_y**2).sum()),
        "slope": slope,
        "intercept": intercept,
        "off_quadrant_share": opposite.mean(),
    }


def interval(x, y, images):
    """Student's t on Fisher's z, one image left out after the other."""
    x, y = x.reshape(images, -1), y.reshape(images, -1)
    every = np.arange(images)
    z = np.array([np.arctanh(np.corrcoef(x[every != i].ravel(), y[every != i].ravel())[0, 1]) for i in every])
    error = np.sqrt((images - 1) / images * ((z - z.mean()) ** 2).sum())
    quantile = 2.200985160082949  # Student's t at 0.975 with 11 degrees of freedom
    middle = np.arctanh(np.corrcoef(x.ravel(), y.ravel())[0, 1])
    return {"r_low": np.tanh(middle - quantile * error), "r_high": np.tanh(middle + quantile * error)}


def law(patches, w, b):
    """Angles, gains, the law filter by filter and pooled."""
    covariance = np.cov(patches.T, bias=True)
    square = patches.T @ patches / len(patches)
    d = w.shape[1]
    norm_w, norm_b = np.linalg.norm(w, axis=1), np.linalg.norm(b, axis=1)
    cosine = (w * b).sum(1) / norm_w / norm_b
    response = np.einsum("fi,ij,fj->f", w, covariance, w) / norm_w**2
    gain = response / (np.trace(covariance) / d)
    means = patches.mean(0) @ w.T
    seen = response + ((means - means.mean()) / norm_w) ** 2
    power = cosine**2 * seen + (1 - cosine**2) * np.trace(square) / d
    pooled = (norm_w * norm_b * cosine * seen).sum()
    pooled /= np.sqrt((norm_w**2 * seen).sum() * (norm_b**2 * power).sum())
    exact = [u @ covariance @ v / np.sqrt((u @ covariance @ u) * (v @ covariance @ v)) for u, v in zip(w, b)]
    return {
        "r_predicted": pooled,
        "gain": (norm_w**2 * response).sum() / (norm_w**2).sum() / (np.trace(covariance) / d),
        "r_white": (w * b).sum() / np.sqrt((w * w).sum() * (b * b).sum()),
        "filters": {
            "r": exact,
            "angle_deg": np.degrees(np.arccos(cosine)),
            "gain": gain,
            "r_predicted": 1 / np.sqrt(1 + (1 / cosine**2 - 1) / gain),
        },
    }


def case():
    draw = np.random.default_rng(20261124)
    level = draw.integers(30, 220, [IMAGES, 1, 1, 1])
    pixels = np.clip(level + draw.integers(-60, 60, [IMAGES, SIDE, SIDE, CHANNELS]), 0, 255)
    a = (2.0 * pixels - 255) / 255
    z = None
    parameters, layers = [], []
    border = [0, 0, -1]
    for index, outputs in enumerate([6, 7, 5, 3]):
        if index < 3:
            shape = [outputs, 3, 3, a.shape[3]]
        else:
            shape = [outputs, a[0].size]
        w = draw.standard_normal(shape).astype(np.float32)
        w = (w / np.float32(np.sqrt(w[0].size))).astype(np.float32)
        norm = {
            "beta": (0.1 * draw.standard_normal(outputs)).astype(np.float32),
            "mean": draw.standard_normal(outputs).astype(np.float32),
            "variance": (w[0].size * (0.5 + draw.random(outputs))).astype(np.float32),
        }
        parameters.append({"weight": w, **norm})
        w = w.astype(np.float64)
        b = ternary(w, np.float32(0.15).astype(float)) if index == 1 else sign(w)
        flat_w, flat_b = w.reshape(outputs, -1), b.reshape(outputs, -1)
        if index < 3:
            y, patches = conv(a, w, border[index])
            x, _ = conv(a, b, border[index])
            real = None if z is None else conv(z, b, border[index])[0]
        else:
            patches = a.reshape(IMAGES, -1)
            x, y, real = patches @ flat_b.T, patches @ flat_w.T, z.reshape(IMAGES, -1) @ flat_b.T
        layer = {**correlation(x, y), **interval(x, y, IMAGES), **law(patches, flat_w, flat_b)}
        layer["activations"] = None if real is None else {**correlation(real, x), **interval(real, x, IMAGES)}
        if index == 0:
            values = np.linalg.eigvalsh(np.cov(patches.T, bias=True))[::-1]
            layer["eigenvalues"] = values
            layer["participation_ratio"] = values.sum() ** 2 / (values**2).sum()
        layers.append(layer)
        if index == 3:
            break
        sums = x.reshape(*a.shape[:3], outputs)
        if index == 1:
            n, height, width, _ = sums.shape
            sums = sums.reshape(n, height // 2, 2, width // 2, 2, outputs).max((2, 4))
        norm = {name: values.astype(np.float64) for name, values in norm.items()}
        z = (sums - norm["mean"]) / np.sqrt(norm["variance"] + 1e-3) + norm["beta"]
        threshold = float(np.float32(0.3)) if index == 2 else 0.0
        # No number may lie where rounding decides.
        assert np.abs(np.abs(z) - threshold).min() > 1e-5
        a = ternary(z, threshold) if index == 2 else sign(z)
    return {"network": NETWORK, "pixels": pixels, "parameters": parameters, "layers": layers}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(value) for key, value in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(value) for value in value]
    if isinstance(value, np.ndarray):
        return plain(value.ravel().tolist())
    if isinstance(value, np.generic):
        return value.item()
    return value


def differs(a, b, at=""):
    """Where two cases differ by more than 1e-9 of a number's size; float32 numbers not at all."""
    if isinstance(a, dict):
        return [one for key in a.keys() | b.keys() for one in differs(a.get(key), b.get(key), f"{at}.{key}")]
    if isinstance(a, list):
        if len(a) != len(b):
            return [at]
        return [one for index, (a, b) in enumerate(zip(a, b)) for one in differs(a, b, f"{at}[{index}]")]
    if isinstance(a, float):
        return [] if abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-3) else [at]
    return [] if a == b else [at]


def main():
    found = plain(case())
    if "--check" in sys.argv[1:]:
        found = differs(found, json.loads(FILE.read_text()))
        print("\n".join(found) or "equal")
        return 1 if found else 0
    FILE.write_text(json.dumps(found, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
