"""What must hold of a case before it is written, and checks of the twin itself."""

import torch

import twin

MARGIN = 1e-4
# How far a float32 run may be off before another seed is taken.
ROUNDING = 1e-5


def near(values, points):
    """Whether any value lies within MARGIN of any of the points or of its negative."""
    return any(bool(((values.abs() - point).abs() < MARGIN).any()) for point in points)


def steps(quantizer):
    """Where a quantizer or its surrogate steps or bends, by magnitude."""
    points = [0.0, 1.0]
    if quantizer.threshold is not None:
        points.append(quantizer.threshold)
    return points


def fault(case, run):
    """Why float32 arithmetic could decide otherwise than float64, or None."""
    for layer in run.layers:
        name = layer.name
        if layer.kind == "mean-pool":
            continue
        integer = name in run.integer
        if near(run.latents[f"{name}.weight"], steps(layer.weights)):
            return f"{name}: a latent weight near a step"
        if layer.activations:
            z = run.z[name].detach()
            if case.integer_ties and layer.norm is None and integer and not layer.shortcut:
                if not all((z.abs() == step).any() for step in steps(layer.activations)):
                    return f"{name}: no z on a step"
                z = z[z != z.round()]
            if near(z, steps(layer.activations)):
                return f"{name}: z near a step"
        if layer.pool and not integer and pool_is_close(layer, run.real[name].detach()):
            return f"{name}: two candidates of a pool too close"
        if layer.norm:
            _, variance = run.statistics(layer)
            small = variance < 1e-2
            if integer:
                small &= variance > 0
            if small.any():
                return f"{name}: a variance that magnifies rounding"
        if run.latents[f"{name}.weight"].grad.abs().max() < 1e-3:
            return f"{name}: no gradient"
    if case.loss == "squared-hinge" and near(run.logits.detach(), [1.0]):
        return "a margin near the hinge"
    return None


def pool_is_close(layer, x):
    """Whether the two largest of a window of x [N, H, W, C] are within MARGIN."""
    windows = x.unfold(1, layer.pool, layer.step).unfold(2, layer.pool, layer.step)
    first, second = windows.flatten(-2).topk(2).values.unbind(-1)
    return bool((first - second < MARGIN).any())


def surrogates():
    """The hand-written gradients against the derivatives that they stand for."""
    torch.manual_seed(0)
    x = torch.cat([torch.randn(200, dtype=torch.float64), torch.tensor([0.0, -0.0, 0.5, 2.0])])
    ends = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    assert twin.SLOPES["clip"](ends).tolist() == [1, 1]
    assert twin.SLOPES["triangle"](ends).tolist() == [0, 0]
    upstream = torch.randn_like(x)
    for surrogate in twin.SLOPES:
        for name, threshold in (("sign", None), ("ternary", 0.3)):
            quantizer = twin.Quantizer(name, surrogate, threshold)
            gradients = []
            for smooth in (False, True):
                leaf = x.clone().requires_grad_()
                quantizer.apply(leaf, smooth).backward(upstream)
                gradients.append(leaf.grad)
            torch.testing.assert_close(*gradients, rtol=1e-14, atol=1e-15)
    zeros = torch.tensor([0.0, -0.0, -1e-300], dtype=torch.float64)
    assert twin.sign(zeros).tolist() == [1, 1, -1]
    assert twin.Quantizer("ternary", "clip", 1.0).integers(
        torch.tensor([-1.5, -1, -0.5, 1, 1.5], dtype=torch.float64)
    ).tolist() == [-1, 0, 0, 0, 1]

    # The scale's own gradient couples the weights of a filter.
    for surrogate, slope in twin.SLOPES.items():
        w = torch.randn(3, 20, dtype=torch.float64, requires_grad=True)
        g = torch.randn_like(w)
        quantizer = twin.Quantizer("sign-scaled", surrogate)
        (quantizer.apply(w, False) * quantizer.scale(w)[:, None]).backward(g)
        flat, sign = w.detach(), twin.sign(w.detach())
        alpha = flat.abs().mean(dim=1, keepdim=True)
        expected = alpha * slope(flat) * g + sign / 20 * (g * sign).sum(dim=1, keepdim=True)
        torch.testing.assert_close(w.grad, expected, rtol=1e-12, atol=1e-14)


def pool_ties():
    """Of equal candidates torch takes the first in row-major order."""
    generator = torch.Generator().manual_seed(0)
    for side, step in ((2, 2), (3, 2)):
        x = torch.randint(-1, 2, (4, 5, 7, 6), generator=generator).double().requires_grad_()
        twin.max_pool(x, side, step).sum().backward()
        expected = torch.zeros_like(x)
        offsets = [(i, j) for i in range(side) for j in range(side)]
        for n in range(4):
            for i in range(0, 5 - side + 1, step):
                for j in range(0, 7 - side + 1, step):
                    for c in range(6):
                        places = [(i + down, j + across) for down, across in offsets]
                        best = max(places, key=lambda place: x[n, *place, c].item())
                        expected[n, *best, c] += 1
        assert torch.equal(x.grad, expected)


def paddings():
    """TensorFlow's SAME, worked out by hand: size, kernel, stride, dilation."""
    expected = {
        (32, 3, 2, 1): (0, 1),
        (7, 2, 1, 1): (0, 1),
        (7, 2, 3, 1): (0, 1),
        (5, 3, 1, 2): (2, 2),
        (6, 3, 1, 1): (1, 1),
        (5, 1, 2, 1): (0, 0),
    }
    for (size, kernel, stride, dilation), pads in expected.items():
        layer = twin.Layer("", "conv", kernel=kernel, stride=stride, dilation=dilation)
        assert layer.pads(size) == pads, (size, kernel, stride, dilation)


def products(run):
    """Every layer's sums against the definition of a convolution on real inputs, tap by tap."""
    for layer in run.layers:
        if layer.kind == "mean-pool":
            continue
        x, weight, unit = run.operands[layer.name]
        if layer.kind == "dense":
            expected = torch.einsum("ni,oi->no", x.reshape(len(x), -1), weight)[:, None, None]
        else:
            border = twin.BORDERS[layer.border]
            expected = by_definition(layer, x, weight, border, run.real[layer.name].shape)
        sums = run.sums[layer.name]
        torch.testing.assert_close(sums, expected * unit, rtol=1e-11, atol=1e-11)
        if layer.name in run.integer:
            assert torch.equal(sums, sums.round()), layer.name
        if layer.weights.name == "sign-scaled":
            latent = run.latents[f"{layer.name}.weight"].detach()
            expected = expected * latent.abs().mean(dim=tuple(range(1, latent.dim())))
        real = run.real[layer.name].detach()
        torch.testing.assert_close(real, expected, rtol=1e-11, atol=1e-11)


def by_definition(layer, x, weight, border, shape):
    out = torch.zeros(shape, dtype=torch.float64)
    inputs, outputs = weight.shape[3], layer.outputs // layer.groups
    top, left = layer.pads(x.shape[1])[0], layer.pads(x.shape[2])[0]
    for i in range(shape[1]):
        for j in range(shape[2]):
            for u in range(layer.kernel):
                for v in range(layer.kernel):
                    row = i * layer.stride + u * layer.dilation - top
                    column = j * layer.stride + v * layer.dilation - left
                    if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                        pixel = x[:, row, column]
                    else:
                        pixel = torch.full_like(x[:, 0, 0], border)
                    for g in range(layer.groups):
                        o = slice(g * outputs, (g + 1) * outputs)
                        c = slice(g * inputs, (g + 1) * inputs)
                        out[:, i, j, o] += pixel[:, c] @ weight[o, u, v].T
    return out


def norms(run):
    """z against the formula of batch norm with the statistics that are written."""
    for layer in run.layers:
        if layer.kind == "mean-pool" or layer.norm is None or layer.shortcut:
            continue
        mean, variance = run.statistics(layer)
        z = (run.normed[layer.name].detach() - mean) / (variance + layer.norm.epsilon).sqrt()
        z = z * run.latents.get(f"{layer.name}.norm.gamma", torch.tensor(1.0)).detach()
        z = z + run.latents[f"{layer.name}.norm.beta"].detach()
        torch.testing.assert_close(run.z[layer.name].detach(), z, rtol=1e-10, atol=1e-10)


def differences(run_smooth, latents):
    """Gradients of the network with smooth maps against central differences.

    The smooth network has the surrogates as its true derivatives, so that the whole graph but the
    forward maps of the quantizers is covered: one random direction per latent tensor.
    """
    leaves = {name: tensor.detach().clone().requires_grad_() for name, tensor in latents.items()}
    run_smooth(leaves).backward()
    generator = torch.Generator().manual_seed(1)
    for name, leaf in leaves.items():
        direction = torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        step = 1e-6 / direction.norm()
        losses = []
        for side in (1, -1):
            moved = {other: tensor.detach() for other, tensor in leaves.items()}
            moved[name] = moved[name] + side * step * direction
            losses.append(run_smooth(moved).loss.item())
        found = (losses[0] - losses[1]) / (2 * step.item())
        expected = (leaf.grad * direction).sum().item()
        scale = leaf.grad.norm().item() * direction.norm().item()
        assert abs(found - expected) < 1e-5 * scale + 1e-7 * direction.norm().item(), (
            f"{name}: difference {found}, gradient {expected}"
        )


def single(exact, run):
    """The largest error of a float32 run relative to each tensor's largest magnitude.

    A run that took a decision otherwise than the float64 one would be off by far more than this
    allows, so the margins of `fault` are seen to do their work.
    """
    leaves = {
        name: tensor.detach().float().requires_grad_() for name, tensor in exact.latents.items()
    }
    rounded = run(leaves).backward()
    for name in exact.integer:
        assert torch.equal(exact.sums[name].float(), rounded.sums[name]), f"{name}: sums"
    pairs = [(exact.logits, rounded.logits), (exact.loss, rounded.loss)]
    pairs += [(tensor.grad, leaves[name].grad) for name, tensor in exact.latents.items()]
    for name in exact.z:
        pairs += [(exact.z[name], rounded.z[name])]
        pairs += [(exact.real[name].grad, rounded.real[name].grad)]
    worst = 0.0
    for expected, found in pairs:
        # What vanishes in exact arithmetic has no scale of its own.
        scale = expected.abs().max().clamp(min=1e-2)
        worst = max(worst, ((expected - found).abs().max() / scale).item())
    assert worst < 1e-3, f"float32 is off by {worst}"
    return worst
