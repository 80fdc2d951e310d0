"""Makes NAME.json of an example program: 50 steps of its twin in PyTorch, in float64.

A twin is a script that ends with `write(__file__, make, batch, step)`:
    make() -> a module (GANs: an nn.ModuleDict) whose parameters have the names and the order of the C++ program's
    optimizer(net) -> what `step` is given
    batch(s) -> the tensors of one step, drawn from Sequence s: s.tensor(shape, scale), s.labels(n, classes), random draws of the program included
    step(net, optimizer, *batch) -> the loss, after it has updated the parameters
Parameters start as numbers of Sequence(3) in the order of named_parameters(): scale 1/sqrt(n / size(0)) for more than one dimension, else 0.1
around 1 (names that end with norm weights: one-dimensional "weight") or 0. Stored: every loss, and of every parameter at the end its largest
magnitude and 8 evenly spread elements. f32_steps: how many steps PyTorch's own float32 stays near (a deep network on noise amplifies
rounding); float32 is compared so far.
"""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import torch
from sequence import Sequence

torch.set_default_dtype(torch.float64)


def fill(net):
    sequence = Sequence(3)
    with torch.no_grad():
        for name, p in net.named_parameters():
            wide = p.dim() > 1
            scale = (p.numel() / p.size(0)) ** -0.5 if wide else 0.1
            around = 1.0 if not wide and name.split(".")[-1] == "weight" else 0.0
            p.copy_(sequence.tensor(p.shape, scale) + around)


def minimise(loss):
    """The usual step: zero_grad, loss(net, *batch), backward, the optimizer's step."""
    def step(net, optimizer, *batch):
        optimizer.zero_grad()
        l = loss(net, *batch)
        l.backward()
        optimizer.step()
        return l
    return step


def run(net, optimizer, batch, step, steps):
    sequence, dtype = Sequence(5), next(net.parameters()).dtype
    return [step(net, optimizer, *(t.to(dtype) if t.is_floating_point() else t for t in batch(sequence))).item() for _ in range(steps)]


def write(path, make, optimizer, batch, step, steps=50):
    torch.manual_seed(0)
    net = make()
    fill(net)
    losses = run(net, optimizer(net), batch, step, steps)
    torch.manual_seed(0)
    narrow = make()
    fill(narrow)
    narrow = narrow.float()
    torch.set_default_dtype(torch.float32)
    near = [abs(a - b) <= 3e-4 * max(map(abs, losses)) for a, b in zip(run(narrow, optimizer(narrow), batch, step, steps), losses)]
    torch.set_default_dtype(torch.float64)
    f32_steps = near.index(False) if False in near else steps
    parameters = []
    for name, p in net.named_parameters():
        flat, n = p.detach().reshape(-1), p.numel()
        at = range(n) if n <= 8 else [i * (n - 1) // 7 for i in range(8)]
        parameters.append({"name": name, "shape": list(p.shape), "largest": flat.abs().max().item(), "values": [flat[i].item() for i in at]})
    with open(os.path.splitext(os.path.abspath(path))[0] + ".json", "w") as out:
        out.write('{"torch": "%s", "f32_steps": %d, "losses": %s, "parameters": [\n%s\n]}\n' %
                  (torch.__version__, f32_steps, json.dumps(losses), ",\n".join(map(json.dumps, parameters))))
    print(os.path.basename(path), losses[0], "->", losses[-1], "float32 for", f32_steps)
