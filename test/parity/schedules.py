"""PyTorch's learning rates and momenta under every scheduler, written to schedules.json.

usage: schedules.py     (PyTorch 2.13)

A case is a scheduler over two groups of rates 0.8 and 0.05 (momentum 0.9; or Adam with betas[0] 0.9); its numbers are [rate, rate,
momentum] before the first step and after each of STEPS. A schedule of schedules lists its parts. ReduceLROnPlateau is fed `metrics`.
"""
import json, os, warnings
import torch
from torch.optim import lr_scheduler, swa_utils

STEPS = 30
METRICS = [3.0, 2.0, 1.5, 1.5, 1.6, 1.4999, 1.7, 1.8, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 0.9, 0.9, 0.95, 0.95, 0.95, 0.99, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.6, 0.7]
S = lambda type, **options: {"type": type, "options": options}


def cases():
    yield S("StepLR", step_size=4, gamma=0.5)
    yield S("StepLR", step_size=1, gamma=0.9)
    yield S("MultiStepLR", milestones=[2, 5, 5, 17], gamma=0.3)
    yield S("ConstantLR")
    yield S("ConstantLR", factor=0.25, total_iters=9)
    yield S("LinearLR")
    yield S("LinearLR", start_factor=0.1, end_factor=0.7, total_iters=12)
    yield S("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=40)
    yield S("ExponentialLR", gamma=0.93)
    yield S("PolynomialLR")
    yield S("PolynomialLR", total_iters=20, power=2.5)
    yield S("CosineAnnealingLR", T_max=7)
    yield S("CosineAnnealingLR", T_max=40, eta_min=0.01)
    yield S("CosineAnnealingWarmRestarts", T_0=4)
    yield S("CosineAnnealingWarmRestarts", T_0=3, T_mult=2, eta_min=0.02)
    for mode in ("triangular", "triangular2", "exp_range"):
        yield S("CyclicLR", base_lr=0.1, max_lr=0.9, step_size_up=4, step_size_down=3, mode=mode, gamma=0.95)
    yield S("CyclicLR", base_lr=0.1, max_lr=0.9, step_size_up=5, cycle_momentum=False)
    yield {**S("CyclicLR", base_lr=0.1, max_lr=0.9, step_size_up=5, base_momentum=0.7, max_momentum=0.95), "optimizer": "Adam"}
    for strategy in ("cos", "linear"):
        for three in (False, True):
            yield S("OneCycleLR", max_lr=0.5, total_steps=31, anneal_strategy=strategy, three_phase=three)
    yield {**S("OneCycleLR", max_lr=0.5, total_steps=40, pct_start=0.4, div_factor=10.0, final_div_factor=100.0, base_momentum=0.6, max_momentum=0.99), "optimizer": "Adam"}
    yield S("OneCycleLR", max_lr=0.5, total_steps=31, cycle_momentum=False)
    yield S("SWALR", swa_lr=0.3)
    yield S("SWALR", swa_lr=0.01, anneal_epochs=5, anneal_strategy="linear")
    yield S("SWALR", swa_lr=0.01, anneal_epochs=0)
    yield S("LambdaLR")
    yield S("MultiplicativeLR")
    yield {"type": "ChainedScheduler", "parts": [S("ConstantLR", factor=0.1, total_iters=6), S("ExponentialLR", gamma=0.9)]}
    yield {"type": "ChainedScheduler", "parts": [S("LinearLR", total_iters=4), S("CosineAnnealingLR", T_max=20), S("StepLR", step_size=9)]}
    yield {"type": "SequentialLR", "milestones": [5], "parts": [S("LinearLR", start_factor=0.1, total_iters=5), S("CosineAnnealingLR", T_max=25)]}
    yield {"type": "SequentialLR", "milestones": [3, 12], "parts": [S("ConstantLR", factor=0.5, total_iters=2), S("ExponentialLR", gamma=0.8), S("PolynomialLR", total_iters=10)]}
    yield {"type": "SequentialLR", "milestones": [6], "parts": [S("StepLR", step_size=2), S("CosineAnnealingWarmRestarts", T_0=5)]}
    yield S("ReduceLROnPlateau", patience=2)
    yield S("ReduceLROnPlateau", mode="max", factor=0.5, patience=1, threshold=0.2, threshold_mode="abs", cooldown=2, min_lr=0.01)


def make(case, optimizer):
    kind = case["type"]
    if kind == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler([make(p, optimizer) for p in case["parts"]])
    if kind == "SequentialLR":
        return lr_scheduler.SequentialLR(optimizer, [make(p, optimizer) for p in case["parts"]], case["milestones"])
    options = dict(case["options"])
    if kind == "LambdaLR":
        options["lr_lambda"] = lambda epoch: 0.95**epoch
    if kind == "MultiplicativeLR":
        options["lr_lambda"] = lambda epoch: 1 - 0.5 / (epoch + 1)
    return getattr(swa_utils if kind == "SWALR" else lr_scheduler, kind)(optimizer, **options)


def curve(case):
    p, q = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    groups = [{"params": [p], "lr": 0.8}, {"params": [q], "lr": 0.05}]
    adam = case.get("optimizer") == "Adam"
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.999)) if adam else torch.optim.SGD(groups, momentum=0.9)
    scheduler = make(case, optimizer)
    now = lambda: [g["lr"] for g in optimizer.param_groups] + [optimizer.param_groups[0]["betas"][0] if adam else optimizer.param_groups[0]["momentum"]]
    numbers = [now()]
    for step in range(STEPS):
        optimizer.step()
        scheduler.step(METRICS[step]) if case["type"] == "ReduceLROnPlateau" else scheduler.step()
        numbers.append(now())
    return numbers


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    here = os.path.dirname(os.path.abspath(__file__))
    lines = []
    for case in cases():
        numbers = curve(case)
        if case["type"] == "ReduceLROnPlateau":
            case = {**case, "metrics": METRICS}
        lines.append(json.dumps(case)[:-1] + ', "numbers": [' + ", ".join("[" + ", ".join(f"{x:.15g}" for x in row) + "]" for row in numbers) + "]}")
    with open(os.path.join(here, "schedules.json"), "w") as f:
        f.write('{"torch": "%s", "cases": [\n%s\n]}\n' % (torch.__version__, ",\n".join(lines)))
    print(len(lines), "cases")
