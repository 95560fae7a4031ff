"""Times the CIFAR-10 network in ONNX Runtime on the CPU, in float32 and in int8.

    3x3 convolutions of 128, 128, 256, 256, 512, 512 maps, a 2x2 max-pool after the 2nd, 4th and
    6th, dense layers of 1024, 1024 and 10; 14,022,016 weights.
    block: product with +-1 weights and a bias -> clip to [-1, 1] -> (max-pool)

Batch norm is where the runtime folds it: a factor per output in the weights, and the bias. Clip is
the hard tanh of the real twin; the runtime fuses it into the convolution like a rectifier, so that
it costs the same, and so does clipping before the max-pool or after it. Speed does not depend on
the weights, which are random.

int8 is the runtime's own static quantization: QDQ, a scale per output, activations that random
images calibrate. Weights have 7 bits: with 8 the sums of two products saturate on CPUs without
VNNI, and the answers are wrong at the same speed. u8 activations with i8 weights, i8 with i8 and
u8 with u8 were tried on AVX2; the first two were equal, the third a third slower.

With `--orthant` and `--model`, `orthant bench MODEL --batch B --threads T --json` takes its turn in
every round. The precisions' logits are compared first; where int8 does not follow float32 the run
ends with exit code 1.
"""

import argparse
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

CONVOLUTIONS = [128, 128, 256, 256, 512, 512]
DENSE = [1024, 1024, 10]
SLICE_S = 0.05
AGREEMENT = 0.98


class Graph:
    """A chain of operators; each takes what the one before gave."""

    def __init__(self, batch, random):
        self.batch, self.random = batch, random
        self.nodes, self.constants, self.last = [], [], "images"
        self.low = self.constant(np.float32(-1))
        self.high = self.constant(np.float32(1))

    def constant(self, array):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name

    def add(self, op, *constants, **attributes):
        output = f"{op}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, [self.last, *constants], [output], **attributes))
        self.last = output

    def layer(self, op, shape, output_axis, **attributes):
        """A product; +-1 times a factor per output that keeps sums about as large as inputs."""
        outputs = shape[output_axis]
        factors = [1] * len(shape)
        factors[output_axis] = outputs
        gain = self.random.uniform(0.5, 1.5, factors) * np.sqrt(2 * outputs / np.prod(shape))
        weights = self.constant(self.random.choice([-1, 1], shape) * gain)
        bias = self.constant(self.random.normal(0, 0.1, outputs))
        self.add(op, weights, bias, **attributes)

    def clip(self):
        self.add("Clip", self.low, self.high)

    def model(self, outputs):
        images = [self.batch, 3, 32, 32]
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, images)],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, [self.batch, outputs])],
            self.constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def network(batch):
    graph, inputs = Graph(batch, np.random.default_rng(0)), 3
    for index, outputs in enumerate(CONVOLUTIONS):
        shape = (outputs, inputs, 3, 3)
        graph.layer("Conv", shape, 0, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        graph.clip()
        if index % 2 == 1:
            graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        inputs = outputs
    graph.add("Flatten")
    inputs *= 4 * 4
    for outputs in DENSE:
        graph.layer("Gemm", (inputs, outputs), 1)
        if outputs != DENSE[-1]:
            graph.clip()
        inputs = outputs
    return graph.model(DENSE[-1])


def images(batch, seed):
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (batch, 3, 32, 32)).astype(np.float32)


class Calibration(CalibrationDataReader):
    """Random images, batch by batch."""

    def __init__(self, batch):
        count = max(4, 16 // batch)
        self.batches = iter([{"images": images(batch, seed)} for seed in range(1, count + 1)])

    def get_next(self):
        return next(self.batches, None)


def quantized(model, batch):
    # It asks for a pass that changes nothing here: the constants are folded already.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "int8.onnx"
        quantize_static(
            model,
            path,
            Calibration(batch),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(path)


class Engine:
    """A network in one precision, on one batch."""

    def __init__(self, precision, model, options):
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
        )
        self.name, self.precision = f"onnxruntime {onnxruntime.__version__}", precision
        self.images, self.calls = images(options.batch, 0), 1
        self.ms, self.cpu_ms = [], []

    def logits(self):
        return self.session.run(None, {"images": self.images})[0]

    def slice(self):
        """Calls that fill a slice; milliseconds per image."""
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(self.calls):
            self.logits()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        per_image = 1e3 / (self.calls * len(self.images))
        return wall * per_image, cpu * per_image

    def fill(self):
        """Finds the calls that fill a slice; the first one does not count."""
        self.logits()
        while self.slice()[0] * self.calls * len(self.images) < SLICE_S * 1e3:
            self.calls *= 2

    def measure(self):
        ms, cpu_ms = self.slice()
        self.ms.append(ms)
        self.cpu_ms.append(cpu_ms)


class Orthant:
    """The packed model; it measures itself."""

    def __init__(self, options):
        self.name, self.precision, self.ms, self.cpu_ms = "orthant", "binary", [], []
        self.command = [options.orthant, "bench", options.model, "--batch", str(options.batch)]
        self.command += ["--threads", str(options.threads), "--json"]

    def measure(self):
        done = subprocess.run(self.command, check=True, stdout=subprocess.PIPE, text=True)
        self.ms.append(json.loads(done.stdout)["ms_per_image"])


def correlation(one, other):
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def row(engine, ours):
    """The table's numbers; ratios are those of the same round."""
    digits = 4
    numbers = {
        "engine": engine.name,
        "precision": engine.precision,
        "ms_per_image": round(statistics.median(engine.ms), digits),
        "min": round(min(engine.ms), digits),
        "max": round(max(engine.ms), digits),
    }
    if engine.cpu_ms:
        numbers["cpu_ms_per_image"] = round(statistics.median(engine.cpu_ms), digits)
    if ours:
        ratios = [theirs / our for theirs, our in zip(engine.ms, ours.ms, strict=True)]
        numbers["times_ours"] = round(statistics.median(ratios), 2)
    return numbers


def measure(options):
    model = network(options.batch)
    float32 = Engine("float32", model, options)
    int8 = Engine("int8", quantized(model, options.batch), options)
    agreement = correlation(float32.logits(), int8.logits())
    if agreement < AGREEMENT:
        print(f"int8 logits do not follow float32: correlation {agreement:.4f}", file=sys.stderr)
        sys.exit(1)
    float32.fill()
    int8.fill()
    ours = Orthant(options) if options.orthant else None
    engines = [float32, int8] + ([ours] if ours else [])
    for turn in range(options.rounds):
        first = turn % len(engines)
        for engine in engines[first:] + engines[:first]:
            engine.measure()
    return {
        "batch": options.batch,
        "threads": options.threads,
        "rounds": options.rounds,
        "correlation": round(agreement, 4),
        "rows": [row(engine, ours) for engine in engines],
    }


def table(result):
    print("batch {batch}, {threads} thread(s), medians of {rounds} rounds".format(**result))
    heading = ["engine", "precision", "ms/image", "low", "high", "cpu ms", "times ours"]
    print("{:<20} {:<9} {:>9} {:>9} {:>9} {:>9} {:>10}".format(*heading))
    for numbers in result["rows"]:
        cells = [numbers[key] for key in ("ms_per_image", "min", "max")]
        cells.append(numbers.get("cpu_ms_per_image", "-"))
        cells.append(numbers.get("times_ours", "-"))
        name = "{engine:<20} {precision:<9}".format(**numbers)
        print(name, "{:>9} {:>9} {:>9} {:>9} {:>10}".format(*cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--orthant", help="the binary; its model takes part in every round")
    parser.add_argument("--model", help="the packed model, a file *.orth")
    parser.add_argument("--json", action="store_true", help="one line of JSON, not a table")
    options = parser.parse_args()
    if (options.orthant is None) != (options.model is None):
        parser.error("--orthant and --model go together")
    result = measure(options)
    if options.json:
        print(json.dumps(result))
    else:
        table(result)


if __name__ == "__main__":
    main()
