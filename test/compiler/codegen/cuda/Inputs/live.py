# A thread that needs many values at once: the squares of 131 rows of two registers each, summed from the first to the last and multiplied from the last to the first.
n = 131
vector = "tensor<1024xf64>"
print(f"func.func @f(%x: tensor<{n}x1024xf64>) -> ({vector}, {vector}) {{")
for i in range(n):
    print(f"  %s{i} = prim.slice %x {{offsets = array<i64: {i}, 0>, sizes = array<i64: 1, 1024>, strides = array<i64: 1, 1>}} : tensor<{n}x1024xf64>")
    print(f"  %r{i} = prim.reshape %s{i} : tensor<1x1024xf64> to {vector}")
    print(f"  %t{i} = prim.mul %r{i}, %r{i} : {vector}")
sums, product = "%t0", f"%t{n - 1}"
for i in range(1, n):
    print(f"  %a{i} = prim.add {sums}, %t{i} : {vector}\n  %b{i} = prim.mul {product}, %t{n - 1 - i} : {vector}")
    sums, product = f"%a{i}", f"%b{i}"
print(f"  return {sums}, {product} : {vector}, {vector}\n}}")
