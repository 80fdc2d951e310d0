"""many.py COUNT sums|concat: a function of so many tensors, each with a sum of its own, or all in one."""
import sys

count, what = int(sys.argv[1]), sys.argv[2]
types = [f"tensor<{7 + i % 3}xf32>" for i in range(count)]
print("func.func @f(" + ", ".join(f"%a{i}: {t}" for i, t in enumerate(types)) + ") -> (", end="")
if what == "concat":
    result = f"tensor<{sum(7 + i % 3 for i in range(count))}xf32>"
    print(result + ') attributes {tenon.function = "f"} {')
    print("  %r = prim.concat " + ", ".join(f"%a{i}" for i in range(count)) + " {dimension = 0} : " + ", ".join(types) + ' loc("net.cpp":3:1)')
    print(f"  return %r : {result}\n}}")
else:
    print(", ".join(["tensor<f32>"] * count) + ') attributes {tenon.function = "f"} {')
    for i, t in enumerate(types):
        print(f"  %r{i} = prim.reduce_sum %a{i} {{dimensions = array<i64: 0>}} : {t}")
    print("  return " + ", ".join(f"%r{i}" for i in range(count)) + " : " + ", ".join(["tensor<f32>"] * count) + "\n}")
