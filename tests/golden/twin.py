"""A network of the recipe language in PyTorch, float64: forward, loss, and gradients by autograd.

Tensors are NHWC outside and NCHW inside `F.conv2d` and `F.max_pool2d`; weights are OHWI. Only the
straight-through gradients are written by hand (`StraightThrough`); all else is torch's own.
"""

import tomllib
from dataclasses import dataclass

import torch
import torch.nn.functional as F

BORDERS = {"zero": 0, "plus-one": 1, "minus-one": -1}

# Slope of each surrogate, and the function whose derivative it is.
SLOPES = {
    "identity": torch.ones_like,
    "clip": lambda x: (x.abs() <= 1).to(x.dtype),
    "triangle": lambda x: (2 - 2 * x.abs()).clamp(min=0),
}
SMOOTH = {
    "identity": lambda x: x * 1,
    "clip": lambda x: x.clamp(-1, 1),
    "triangle": lambda x: x.clamp(-1, 1) * (2 - x.clamp(-1, 1).abs()),
}


class StraightThrough(torch.autograd.Function):
    """`y = quantize(x)` forward, `dL/dx = dL/dy * slope(x)` backward."""

    @staticmethod
    def forward(ctx, x, quantize, slope):
        ctx.save_for_backward(x)
        ctx.slope = slope
        return quantize(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * ctx.slope(x), None, None


def sign(x):
    """+1 where x >= 0, so for both zeros, else -1."""
    return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)


@dataclass(frozen=True)
class Quantizer:
    """A forward map and the slope used backward."""

    name: str
    surrogate: str | None = None
    threshold: float | None = None

    @classmethod
    def read(cls, table, allowed):
        table = dict(table)
        name = table.pop("quantizer")
        assert name in allowed, name
        discrete = name in ("sign", "sign-scaled", "ternary")
        surrogate = table.pop("surrogate") if discrete else None
        assert surrogate is None or surrogate in SLOPES, surrogate
        threshold = table.pop("threshold") if name == "ternary" else None
        assert not table, f"unknown keys: {table}"
        return cls(name, surrogate, threshold)

    @property
    def discrete(self):
        return self.surrogate is not None

    def integers(self, x):
        """The discrete values in {-1, 0, +1}, without a scale."""
        if self.name == "ternary":
            return torch.where(x.abs() <= self.threshold, 0.0, sign(x))
        return sign(x)

    def scale(self, x):
        """The mean magnitude of each filter for `sign-scaled`, else 1."""
        return x.abs().flatten(1).mean(dim=1) if self.name == "sign-scaled" else 1

    def apply(self, x, smooth):
        """The map without the scale; with `smooth`, one that has the surrogate as derivative."""
        if self.name == "none":
            return x
        if self.name == "clip":
            return F.hardtanh(x)
        if self.name == "relu":
            return F.relu(x)
        if smooth:
            return SMOOTH[self.surrogate](x)
        return StraightThrough.apply(x, self.integers, SLOPES[self.surrogate])


@dataclass(frozen=True)
class Norm:
    epsilon: float
    gamma: bool

    @classmethod
    def read(cls, value):
        if value == "none":
            return None
        assert set(value) == {"epsilon", "momentum", "gamma"}, value
        return cls(value["epsilon"], value["gamma"])


@dataclass(frozen=True)
class Layer:
    name: str
    kind: str
    weights: Quantizer | None = None
    activations: Quantizer | None = None
    norm: Norm | None = None
    outputs: int = 0
    kernel: int = 3
    stride: int = 1
    padding: str = "same"
    border: str = "zero"
    groups: int = 1
    dilation: int = 1
    pool: int | None = None
    pool_stride: int | None = None
    shortcut: str | None = None

    def pooled(self, size):
        """Windows of the pool that fit into an axis of `size`."""
        return size if self.pool is None else (size - self.pool) // self.step + 1

    @property
    def step(self):
        """Step between the pool's windows."""
        return self.pool_stride or self.pool

    def pads(self, size):
        """Rows or columns added before and behind an axis of `size`, as TensorFlow's SAME."""
        if self.padding == "valid":
            return 0, 0
        out = -(-size // self.stride)
        total = max((out - 1) * self.stride + (self.kernel - 1) * self.dilation + 1 - size, 0)
        return total // 2, total - total // 2


def read_layers(text, classes):
    """The layers of a recipe, named by kind and count, with the defaults filled in."""
    network = tomllib.loads(text)["network"]
    assert set(network) == {"weights", "activations", "norm", "layers"}, set(network)
    layers, count = [], {}
    for index, table in enumerate(network["layers"]):
        table = dict(table)
        kind = table["kind"]
        count[kind] = count.get(kind, 0) + 1
        name = f"{kind}{count[kind]}"
        if kind == "mean-pool":
            assert set(table) == {"kind"}, table
            layers.append(Layer(name, kind))
            continue
        last = index + 1 == len(network["layers"])
        weights = table.pop("weights", network["weights"])
        table["weights"] = Quantizer.read(weights, ("none", "sign", "sign-scaled", "ternary"))
        activations = table.pop("activations", network["activations"])
        kinds = ("sign", "ternary", "clip", "relu")
        table["activations"] = None if last else Quantizer.read(activations, kinds)
        table["norm"] = Norm.read(table.pop("norm", network["norm"]))
        if last:
            assert table.setdefault("outputs", classes) == classes
        assert table.get("padding", "same") in ("same", "valid")
        if "pool-stride" in table:
            assert "pool" in table
            table["pool_stride"] = table.pop("pool-stride")
        assert table.get("border", "zero") in BORDERS
        layers.append(Layer(name, **table))
    return layers


def shapes(layers, input_shape):
    """Per layer the shapes of its latent weights, of its sums, and of its z, without the batch."""
    shape, out = tuple(input_shape), {}
    for layer in layers:
        if layer.kind == "mean-pool":
            shape = (1, 1, shape[2])
            continue
        if layer.kind == "dense":
            weight = (layer.outputs, shape[0] * shape[1] * shape[2])
            sums = (1, 1, layer.outputs)
        else:
            assert layer.kind == "conv", layer.kind
            reach = (layer.kernel - 1) * layer.dilation + 1
            rows, columns = (
                (size + sum(layer.pads(size)) - reach) // layer.stride + 1 for size in shape[:2]
            )
            weight = (layer.outputs, layer.kernel, layer.kernel, shape[2] // layer.groups)
            sums = (rows, columns, layer.outputs)
        shape = (layer.pooled(sums[0]), layer.pooled(sums[1]), layer.outputs)
        out[layer.name] = (weight, sums, shape)
    return out


def product(layer, x, weight, border):
    """Convolution or dense product of x [N, H, W, C]; `border` is what is read outside."""
    if layer.kind == "dense":
        return F.linear(x.reshape(len(x), -1), weight)[:, None, None, :]
    (top, bottom), (left, right) = layer.pads(x.shape[1]), layer.pads(x.shape[2])
    padded = F.pad(x.permute(0, 3, 1, 2), (left, right, top, bottom), value=float(border))
    sums = F.conv2d(
        padded,
        weight.permute(0, 3, 1, 2),
        stride=layer.stride,
        dilation=layer.dilation,
        groups=layer.groups,
    )
    return sums.permute(0, 2, 3, 1)


def max_pool(x, side, step):
    """Square windows, whole ones only; of equal candidates the first in row-major order."""
    return F.max_pool2d(x.permute(0, 3, 1, 2).contiguous(), side, step).permute(0, 2, 3, 1)


def shortcut(source, shape):
    """z of an earlier layer, brought to `shape`: mean over f x f windows, zeros for channels."""
    factor = source.shape[1] // shape[1]
    assert source.shape[1:3] == (factor * shape[1], factor * shape[2])
    if factor > 1:
        source = F.avg_pool2d(source.permute(0, 3, 1, 2), factor).permute(0, 2, 3, 1)
    assert source.shape[3] <= shape[3]
    return F.pad(source, (0, shape[3] - source.shape[3]))


def loss_of(name, logits, labels):
    if name == "squared-hinge":
        targets = 2.0 * F.one_hot(labels, logits.shape[1]).to(logits.dtype) - 1.0
        return F.relu(1 - targets * logits).square().mean()
    kind, _, option = name.partition(" smoothing=")
    assert kind == "cross-entropy", name
    return F.cross_entropy(logits, labels, label_smoothing=float(option or 0))


class Run:
    """One training-mode forward pass; `backward` then fills the gradients."""

    def __init__(self, layers, contract, loss, pixels, labels, latents, smooth=False):
        self.layers, self.contract, self.latents = layers, contract, latents
        self.operands = {}  # per layer: real input, weight without scale, unit of the sums
        self.sums = {}  # per layer: the product, before pooling
        self.integer = set()  # layers whose sums are integers
        self.real = {}  # per layer: the sums with scale and unit
        self.normed = {}  # per layer: what enters the norm
        self.z = {}
        self.means = {}  # per mean-pool: its result
        a, b, unit = contract
        dtype = next(iter(latents.values())).dtype
        whole = a * pixels.to(dtype) - b
        x, discrete = whole / unit, True
        for layer in layers:
            if layer.kind == "mean-pool":
                x, discrete = x.mean(dim=(1, 2), keepdim=True), False
                self.means[layer.name] = x
                continue
            x = self.layer(layer, x, discrete, None if self.z else whole, smooth)
            discrete = layer.activations is not None and layer.activations.discrete
        self.logits = x.reshape(len(x), -1)
        self.loss = loss_of(loss, self.logits, labels)

    def layer(self, layer, x, discrete, whole, smooth):
        name, border = layer.name, BORDERS[layer.border]
        latent = self.latents[f"{name}.weight"]
        weight = layer.weights.apply(latent, smooth)
        packed = discrete and layer.weights.discrete
        unit, real = 1, x
        if packed and whole is not None:
            # The first layer on integers: its sum is in units of 1 / unit.
            unit = self.contract[2]
            x, border = whole, border * unit
        # The scale comes after the sum: equal integers stay equal, and so does the pool's choice.
        sums = product(layer, x, weight, border)
        s = sums / unit * layer.weights.scale(latent)
        self.operands[name] = (real.detach(), weight.detach(), unit)
        self.sums[name] = sums.detach()
        if packed:
            self.integer.add(name)
        if s.requires_grad:
            s.retain_grad()
        self.real[name] = s
        pooled = max_pool(s, layer.pool, layer.step) if layer.pool else s
        self.normed[name] = pooled
        z = self.norm(layer, pooled) if layer.norm else pooled
        if layer.shortcut:
            z = z + shortcut(self.z[layer.shortcut], z.shape)
        self.z[name] = z
        return layer.activations.apply(z, smooth) if layer.activations else z

    def norm(self, layer, x):
        gamma = self.latents.get(f"{layer.name}.norm.gamma")
        beta = self.latents[f"{layer.name}.norm.beta"]
        flat = x.reshape(-1, x.shape[-1])
        z = F.batch_norm(
            flat, None, None, gamma, beta, training=True, eps=layer.norm.epsilon
        )
        return z.reshape(x.shape)

    def statistics(self, layer):
        """Mean and biased variance of what enters the norm, per channel."""
        flat = self.normed[layer.name].detach().reshape(-1, layer.outputs)
        return flat.mean(dim=0), flat.var(dim=0, correction=0)

    def backward(self):
        self.loss.backward()
        return self
