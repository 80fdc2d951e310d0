"""Writes a random module of prim ops: chains, broadcasts, reductions, transposes, contractions and views that share values, and updates of state.

usage: random_graph.py SEED > graph.mlir; then tenonc graph.mlir --verify -o graph.so
"""
import random
import sys

rng = random.Random(int(sys.argv[1]))
T = rng.choice(["f32", "f32", "f32", "f64"])
sizes = [rng.choice([1, 2, 3, 5, 8, 16, 17, 33, 64, 70, 130, 257]) for _ in range(3)]
lines, values, count = [], [], 0


def ty(shape, e=None):
    return "tensor<" + "".join(f"{d}x" for d in shape) + (e or T) + ">"


def emit(text, shape, e=None, keep=True):
    global count
    count += 1
    lines.append(f"    %{count} = {text}")
    if keep:
        values.append((f"%{count}", tuple(shape), e or T))
    return f"%{count}"


def pick(shape=None, rank=None):
    found = [v for v in values if v[2] == T and (shape is None or v[1] == tuple(shape)) and (rank is None or len(v[1]) == rank)]
    return rng.choice(found) if found else None


states = []
for i in range(rng.randint(1, 4)):
    shape = [rng.choice(sizes) for _ in range(rng.randint(0, 2))]
    states.append((f"s{i}", tuple(shape)))
inputs = [tuple(rng.choice(sizes) for _ in range(rng.randint(1, 3))) for _ in range(rng.randint(1, 3))]
for i, s in enumerate(inputs):
    values.append((f"%x{i}", s, T))
for n, s in states:
    emit(f"prim.read @{n} : {ty(s)}", s)


def unary(v):
    emit(f"prim.{rng.choice(['tanh', 'neg', 'abs', 'sin', 'exp'])} {v[0]} : {ty(v[1])}", v[1])


def binary(v):
    w = pick(v[1])
    emit(f"prim.{rng.choice(['add', 'mul', 'sub', 'max', 'min'])} {v[0]}, {w[0]} : {ty(v[1])}", v[1])


def select(v):
    w = pick(v[1])
    c = emit(f"prim.compare lt {v[0]}, {w[0]} : {ty(v[1])}", v[1], "i1", keep=False)
    emit(f"prim.select {c}, {v[0]}, {w[0]} : {ty(v[1], 'i1')}, {ty(v[1])}", v[1])


def reduce(v):
    if not v[1]:
        return
    dims = sorted(rng.sample(range(len(v[1])), rng.randint(1, len(v[1]))))
    out = [d for i, d in enumerate(v[1]) if i not in dims]
    r = emit(f"prim.reduce_{rng.choice(['sum', 'max', 'min'])} {v[0]} {{dimensions = array<i64: {', '.join(map(str, dims))}>}} : {ty(v[1])}", out, keep=False)
    emit(f"prim.tanh {r} : {ty(out)}", out)
    if rng.random() < 0.7:  # and back: what a softmax or a norm does
        kept = [i for i in range(len(v[1])) if i not in dims]
        b = emit(f"prim.broadcast %{count} {{dimensions = array<i64{': ' if kept else ''}{', '.join(map(str, kept))}>}} : {ty(out)} to {ty(v[1])}", v[1], keep=False)
        emit(f"prim.sub {v[0]}, {b} : {ty(v[1])}", v[1])


def transpose(v):
    p = list(range(len(v[1])))
    rng.shuffle(p)
    if len(p) > 1:
        emit(f"prim.transpose {v[0]} {{permutation = array<i64: {', '.join(map(str, p))}>}} : {ty(v[1])}", [v[1][i] for i in p])


def reshape(v):
    n = 1
    for d in v[1]:
        n *= d
    for d in sizes:
        if n % d == 0 and len(v[1]):
            emit(f"prim.reshape {v[0]} : {ty(v[1])} to {ty((d, n // d))}", (d, n // d))
            return


def contract(v):
    for w in rng.sample(values, len(values)):
        if w[2] != T or len(v[1]) != 2 or len(w[1]) != 2:
            continue
        for i in (0, 1):
            for j in (0, 1):
                if v[1][i] == w[1][j]:
                    m, n = v[1][1 - i], w[1][1 - j]
                    if m * n > 100000:
                        return
                    a, c = ["k" if d == i else "m" for d in (0, 1)], ["k" if d == j else "n" for d in (0, 1)]
                    maps = ", ".join(f"affine_map<(m, n, k) -> ({', '.join(x)})>" for x in (a, c, ["m", "n"]))
                    r = emit(f"prim.contract {v[0]}, {w[0]} {{maps = [{maps}]}} : {ty(v[1])}, {ty(w[1])}", (m, n), keep=False)
                    emit(f"prim.tanh {r} : {ty((m, n))}", (m, n))  # keeps numbers ordinary
                    return


def slices(v):
    if v[1] and min(v[1]) > 1:
        low = [rng.randint(0, d - 1) for d in v[1]]
        size = [rng.randint(1, d - l) for d, l in zip(v[1], low)]
        text = lambda x: ", ".join(map(str, x))
        emit(f"prim.slice {v[0]} {{offsets = array<i64: {text(low)}>, sizes = array<i64: {text(size)}>, strides = array<i64: {text([1] * len(low))}>}} : {ty(v[1])}", size)


rules = [unary, binary, binary, select, reduce, reduce, transpose, reshape, contract, contract, contract, slices]
for _ in range(rng.randint(4, 30)):
    rng.choice(rules)(pick())
for n, s in states:
    v = pick(s)
    if rng.random() < 0.8 and v:
        lines.append(f"    prim.write @{n}, {v[0]} : {ty(s)}")
out = rng.sample([v for v in values if v[2] == T], min(3, len(values)))
print("module {")
for n, s in states:
    print(f"  prim.state @{n} : {ty(s)}")
print(f"  func.func @f({', '.join(f'%x{i}: {ty(s)}' for i, s in enumerate(inputs))}) -> ({', '.join(ty(v[1]) for v in out)}) {{")
print("\n".join(lines))
print(f"    return {', '.join(v[0] for v in out)} : {', '.join(ty(v[1]) for v in out)}\n  }}\n}}")
