"""Times a training step of the CIFAR-10 network in PyTorch on the CPU; prints one line of JSON.

    3x3 convolutions of 128, 128, 256, 256, 512, 512 maps, a 2x2 max-pool after the 2nd, 4th and
    6th, dense layers of 1024, 1024 and 10; 14,022,016 weights, no biases.
    block: product with sign(w) -> (max-pool) -> batch norm -> sign; nothing after the last norm.
    step:  forward, squared hinge, backward, Adam, latent weights clipped to [-1, 1].

Signs are float +-1 with a clipped straight-through gradient, as most PyTorch code has them; the
data are random. `--dtype bfloat16` is autocast: latent weights and Adam's state stay float32; it
is slow on a CPU without bfloat16 products. `--compile` needs a C++ compiler. Adam is the fused one,
the fastest.

A step is timed as a whole, without a loader, after `--warmup` steps that do not count. Without
`--layout` both memory layouts run, each in a process of its own, and the faster one is printed.
Peak memory is that of the whole process, the library with it.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

LAYOUTS = {"nchw": torch.contiguous_format, "channels-last": torch.channels_last}


class Sign(torch.autograd.Function):
    """`y = sign(x)`, sign(0) = +1; `dL/dx = dL/dy * 1[|x| <= 1]`."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1)


class BinaryConv(nn.Conv2d):
    def forward(self, x):
        return F.conv2d(x, Sign.apply(self.weight), padding=self.padding)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, Sign.apply(self.weight))


class SignActivation(nn.Module):
    def forward(self, x):
        return Sign.apply(x)


def network():
    parts, channels = [], 3
    for index, outputs in enumerate([128, 128, 256, 256, 512, 512]):
        parts.append(BinaryConv(channels, outputs, 3, padding=1, bias=False))
        if index % 2 == 1:
            parts.append(nn.MaxPool2d(2))
        parts += [nn.BatchNorm2d(outputs), SignActivation()]
        channels = outputs
    parts.append(nn.Flatten())
    features = channels * 4 * 4
    for outputs in (1024, 1024):
        parts += [BinaryLinear(features, outputs, bias=False)]
        parts += [nn.BatchNorm1d(outputs), SignActivation()]
        features = outputs
    parts += [BinaryLinear(features, 10, bias=False), nn.BatchNorm1d(10)]
    model = nn.Sequential(*parts)
    for part in model:
        if isinstance(part, BinaryConv | BinaryLinear):
            nn.init.xavier_uniform_(part.weight)
    return model


class Trainer:
    """A network, its optimizer and one batch, in one memory layout."""

    def __init__(self, options):
        torch.manual_seed(0)
        self.dtype = getattr(torch, options.dtype)
        memory = LAYOUTS[options.layout]
        self.model = network().to(memory_format=memory)
        self.forward = torch.compile(self.model) if options.compile else self.model
        self.latents = [p for p in self.model.parameters() if p.dim() > 1]
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
        self.images = (torch.rand(options.batch, 3, 32, 32) * 2 - 1).to(memory_format=memory)
        labels = torch.randint(10, (options.batch,))
        self.targets = 2.0 * F.one_hot(labels, 10) - 1.0

    def step_ms(self):
        start = time.perf_counter()
        self.optimizer.zero_grad()
        with torch.autocast("cpu", self.dtype, enabled=self.dtype != torch.float32):
            logits = self.forward(self.images)
        loss = F.relu(1 - self.targets * logits.float()).square().mean()
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            for weight in self.latents:
                weight.clamp_(-1, 1)
        return (time.perf_counter() - start) * 1e3


def faster(layouts):
    """The result of the faster layout; a process each, so that neither has the other's memory."""
    results = []
    for layout in layouts:
        command = [sys.executable, *sys.argv, "--layout", layout]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results.append(json.loads(done.stdout))
    return min(results, key=lambda result: result["ms_per_image"])


def measure(options):
    torch.set_num_threads(options.threads)
    trainer = Trainer(options)
    for _ in range(options.warmup):
        trainer.step_ms()
    per_image = [trainer.step_ms() / options.batch for _ in range(options.steps)]
    return {
        "torch": torch.__version__,
        "threads": options.threads,
        "batch": options.batch,
        "dtype": options.dtype,
        "compile": options.compile,
        "layout": options.layout,
        "ms_per_image": round(statistics.median(per_image), 3),
        "min": round(min(per_image), 3),
        "max": round(max(per_image), 3),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=3, help="steps before the clock starts")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--layout", choices=LAYOUTS, help="the faster of the two by default")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    result = measure(options) if options.layout else faster(LAYOUTS)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
