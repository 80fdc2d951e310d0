"""Every op's description has an example, and the example parses and verifies (usage: examples.py TENON_OPT FILE.td...).

The operands of an example are undefined values: each is made a function argument, whose type is learnt from the parser's own complaint.
"""
import re
import subprocess
import sys

COMPLAINT = re.compile(r"use of value '(%\w+)' expects different type than prior uses: '([^']+)'")
STATE = 'prim.state @"fc1.weight" : tensor<128x784xf32>\n'


def parses(example, tool):
    results = " ".join(re.findall(r"^\s*(%[^=]*) = ", example, re.M))
    arguments = " ".join(re.findall(r"\^bb0\((.*?)\)", example))
    operands = sorted(set(re.findall(r"%\w+", example)) - set(re.findall(r"%\w+", results + arguments)))
    types = {v: "tensor<f32>" for v in operands}
    for _ in range(20):
        if example.startswith("prim.state"):
            text = example
        else:
            state = STATE if "@" in example else ""
            text = f"{state}func.func @f({', '.join(f'{v}: {t}' for v, t in types.items())}) {{\n{example}\nreturn\n}}\n"
        run = subprocess.run([tool, "-"], input=text, capture_output=True, text=True)
        complaint = COMPLAINT.search(run.stderr)
        if run.returncode == 0 or not complaint or types[complaint[1]] == complaint[2]:
            return run.returncode == 0, text + run.stderr
        types[complaint[1]] = complaint[2]
    return False, "the types of its operands were not found"


def examples(path):
    """Pairs (op, example) as the generated documentation shows them."""
    page = subprocess.run(["/usr/lib/llvm-22/bin/mlir-tblgen", "--gen-op-doc", "-I", "/usr/lib/llvm-22/include", "-I", sys.argv[2], path],
                          capture_output=True, text=True, check=True).stdout
    for op, body in re.findall(r"^### `((?:prim|nn)\.\w+)`(.*?)(?=^### |\Z)", page, re.M | re.S):
        found = re.search(r"Example:\s*(?:```(?:mlir)?\n(.*?)```|`(.*?)`)", body, re.S)
        yield op, (found[1] or found[2]).strip() if found else None


bad = count = 0
for path in sys.argv[3:]:
    for op, example in examples(path):
        count += 1
        if op == "prim.yield":  # its place is in the example of prim.foreach
            continue
        ok, said = parses(example, sys.argv[1]) if example else (False, "no example")
        if not ok:
            bad += 1
            print(f"{op}: {said}")
print(f"{count} ops, {bad} with a bad example")
sys.exit(bad > 0 or count < 50)
