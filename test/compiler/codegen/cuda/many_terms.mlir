// RUN: tenonc --target=cuda --emit=cuda %s | FileCheck %s
// More terms than an int counts: indices have 64 bits, though no tensor is that large, and each of 32 blocks sums a part.

// CHECK: for (long long [[I:v[0-9]+]] = {{.*}}; [[I]] < 2147483648ll; [[I]] +=
func.func @f(%a: tensor<16x262144xf32>, %c: tensor<16x262144xf32>) -> tensor<16xf32> attributes {tenon.function = "f"} {
  %ab = prim.broadcast %a {dimensions = array<i64: 0, 1>} : tensor<16x262144xf32> to tensor<16x262144x262144xf32>
  %cb = prim.broadcast %c {dimensions = array<i64: 0, 2>} : tensor<16x262144xf32> to tensor<16x262144x262144xf32>
  %d = prim.sub %ab, %cb : tensor<16x262144x262144xf32>
  %e = prim.abs %d : tensor<16x262144x262144xf32>
  %0 = prim.reduce_sum %e {dimensions = array<i64: 1, 2>} : tensor<16x262144x262144xf32>
  return %0 : tensor<16xf32>
}
