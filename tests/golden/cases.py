"""The networks, as data: recipe text, input, batch, loss, spread of the latent weights."""

from dataclasses import dataclass

NORM = "{ epsilon = 1e-3, momentum = 0.9, gamma = true }"
NO_GAMMA = "{ epsilon = 1e-4, momentum = 0.9, gamma = false }"
NONE = '{ quantizer = "none" }'
CLIP = '{ quantizer = "clip" }'
RELU = '{ quantizer = "relu" }'


def sign(surrogate):
    return f'{{ quantizer = "sign", surrogate = "{surrogate}" }}'


def scaled(surrogate):
    return f'{{ quantizer = "sign-scaled", surrogate = "{surrogate}" }}'


def ternary(threshold, surrogate):
    return f'{{ quantizer = "ternary", threshold = {threshold}, surrogate = "{surrogate}" }}'


@dataclass(frozen=True)
class Case:
    name: str
    weights: str
    activations: str
    layers: tuple[str, ...]
    norm: str = NORM
    input: tuple[int, int, int] = (5, 5, 2)
    classes: int = 4
    batch: int = 4
    # Pixel p is read as x = (a p - b) / unit; pixels are below `levels`.
    contract: tuple[int, int, int] = (2, 255, 255)
    levels: int = 256
    loss: str = "squared-hinge"
    # Standard deviation of the latent weights; 0.7 puts one in seven outside [-1, 1].
    spread: float = 0.7
    # Where z is an integer by construction it must fall on the steps of its activation.
    integer_ties: bool = False

    @property
    def text(self):
        lines = [
            "[network]",
            f"weights = {self.weights}",
            f"activations = {self.activations}",
            f"norm = {self.norm}",
            "layers = [",
            *(f"  {{ {layer} }}," for layer in self.layers),
            "]",
        ]
        return "\n".join(lines) + "\n"


def conv(outputs, options=""):
    return f'kind = "conv", outputs = {outputs}' + (f", {options}" if options else "")


def dense(outputs=None, options=""):
    parts = ['kind = "dense"']
    if outputs is not None:
        parts.append(f"outputs = {outputs}")
    if options:
        parts.append(options)
    return ", ".join(parts)


MEAN_POOL = 'kind = "mean-pool"'

# Two convolutions, a pool on an odd side, two dense layers.
SMALL = (conv(5), conv(4, "pool = 2"), dense(7), dense())

CASES = [
    Case(
        "mlp-sign",
        sign("clip"),
        sign("clip"),
        (dense(65), dense(7), dense()),
        input=(5, 5, 1),
        classes=10,
        batch=5,
    ),
    Case("conv-sign-clip", sign("clip"), sign("clip"), SMALL, input=(6, 6, 3)),
    Case(
        # 64 channels, a kernel whose border lies at the bottom and the right only.
        "conv-sign-identity",
        sign("identity"),
        sign("identity"),
        (
            conv(64, 'stride = 2, padding = "valid"'),
            conv(2, "kernel = 2"),
            dense(5),
            dense(),
        ),
        input=(5, 5, 1),
    ),
    Case(
        # 65 channels.
        "conv-sign-triangle",
        sign("triangle"),
        sign("triangle"),
        (conv(65, "stride = 2"), conv(2, "kernel = 2"), dense(5), dense()),
        input=(4, 4, 1),
    ),
    Case("conv-sign-scaled", scaled("clip"), sign("clip"), SMALL),
    Case(
        "conv-sign-scaled-triangle",
        scaled("triangle"),
        sign("identity"),
        (conv(5, 'padding = "valid"'), conv(4, "pool = 2"), dense()),
        input=(6, 6, 2),
    ),
    Case("conv-ternary", ternary(0.3, "clip"), ternary(0.4, "clip"), SMALL),
    Case(
        "float-clip",
        NONE,
        CLIP,
        (
            conv(5, 'border = "minus-one"'),
            conv(4, 'border = "plus-one", pool = 2'),
            dense(7),
            dense(),
        ),
        spread=0.5,
    ),
    Case("float-relu", NONE, RELU, SMALL, loss="cross-entropy", spread=0.5),
    Case(
        # BinaryConnect: the products have one real operand.
        "binary-weights-float-activations",
        sign("clip"),
        CLIP,
        (conv(5), conv(4, f"pool = 2, activations = {RELU}"), dense(7), dense()),
    ),
    Case(
        "mixed",
        sign("clip"),
        sign("triangle"),
        (
            conv(5, f"weights = {NONE}"),
            conv(6, "pool = 2"),
            conv(5),
            dense(None, f"weights = {NONE}"),
        ),
    ),
    Case(
        "residual",
        sign("triangle"),
        sign("triangle"),
        (
            conv(3, f"weights = {NONE}"),
            conv(3, 'shortcut = "conv1"'),
            conv(5, 'stride = 2, shortcut = "conv2"'),
            conv(5, f'shortcut = "conv3", activations = {RELU}'),
            MEAN_POOL,
            dense(None, f"weights = {NONE}"),
        ),
        input=(6, 6, 2),
    ),
    Case(
        # A pooled stage, two shortcuts from one layer, one of them over two layers.
        "residual-pooled",
        sign("clip"),
        sign("clip"),
        (
            conv(3),
            conv(5, 'pool = 2, shortcut = "conv1"'),
            conv(5, 'shortcut = "conv1"'),
            conv(7, 'kernel = 1, shortcut = "conv2"'),
            MEAN_POOL,
            dense(None, f'weights = {NONE}, norm = "none"'),
        ),
        input=(6, 6, 3),
        loss="cross-entropy",
    ),
    Case(
        "strided-dilated-grouped",
        sign("clip"),
        sign("clip"),
        (
            conv(10, "stride = 2, groups = 2"),
            conv(6, "dilation = 2, groups = 2"),
            conv(6, 'kernel = 2, stride = 2, groups = 3, padding = "valid"'),
            dense(),
        ),
        input=(7, 8, 2),
    ),
    Case(
        # A sum may be the maximum of several windows, and then gets the gradients of all of them.
        "overlapping-pools",
        sign("clip"),
        sign("triangle"),
        (
            conv(3, "pool = 3, pool-stride = 2"),
            conv(2, f"pool = 2, pool-stride = 1, weights = {NONE}, activations = {CLIP}"),
            dense(),
        ),
        input=(7, 8, 1),
    ),
    Case(
        "borders",
        sign("clip"),
        sign("clip"),
        (
            conv(5, 'border = "plus-one"'),
            conv(4, 'border = "minus-one"'),
            conv(5, 'kernel = 2, stride = 2, dilation = 2, border = "plus-one"'),
            dense(),
        ),
        contract=(1, 8, 8),
        levels=17,
    ),
    Case(
        # A contract whose unit is not its offset; borders beside zeros of a ternary input.
        "borders-ternary",
        ternary(0.3, "identity"),
        ternary(0.5, "triangle"),
        (
            conv(5, 'border = "minus-one", stride = 2'),
            conv(6, 'border = "plus-one"'),
            conv(5, 'border = "minus-one"'),
            dense(),
        ),
        input=(6, 7, 3),
        contract=(1, 100, 50),
    ),
    Case(
        "ternary-weights-binary-activations", ternary(0.4, "triangle"), sign("clip"), SMALL
    ),
    Case(
        "binary-weights-ternary-activations", sign("clip"), ternary(0.5, "identity"), SMALL
    ),
    Case(
        "no-norm",
        sign("clip"),
        sign("clip"),
        (
            conv(5),
            conv(4, f'weights = {scaled("clip")}, padding = "valid", norm = "none"'),
            dense(7),
            dense(None, f'weights = {NONE}, norm = "none"'),
        ),
        spread=0.4,
    ),
    Case(
        # z is an integer: it falls on 0, on the clip's ends and on the threshold itself.
        "no-norm-ties",
        sign("clip"),
        sign("clip"),
        (
            conv(5),
            conv(5, 'norm = "none", pool = 2'),
            conv(6, f'kernel = 2, norm = "none", activations = {ternary("1.0", "clip")}'),
            dense(7),
            dense(),
        ),
        integer_ties=True,
    ),
    Case("no-gamma", sign("clip"), sign("clip"), SMALL, norm=NO_GAMMA),
    Case(
        "cross-entropy-smoothing",
        sign("clip"),
        sign("clip"),
        (conv(5, "pool = 2"), dense(7), dense()),
        classes=5,
        batch=5,
        loss="cross-entropy smoothing=0.1",
    ),
]
