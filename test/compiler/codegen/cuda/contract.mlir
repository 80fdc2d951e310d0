// RUN: tenonc --target=cuda --emit=cuda %s | FileCheck %s
// RUN: tenonc --target=cuda --emit=plan %s | FileCheck %s --check-prefix=PLAN
// A large contraction is computed in tiles of 64 x 64 through shared memory, bias and activation on the registers that hold the sums; 8 x 8 blocks.

// CHECK: // contract[512x512x300] + map[512x512]
// CHECK: __shared__ float {{s[0-9]+}}[1024];
// CHECK: __shared__ float {{s[0-9]+}}[1024];
// CHECK: for (int {{v[0-9]+}} = 0; {{v[0-9]+}} < 300; {{v[0-9]+}} += 16) {
// CHECK: __syncthreads();
// CHECK: for (int {{v[0-9]+}} = 0; {{v[0-9]+}} < 16; ++{{v[0-9]+}}) {
// CHECK-COUNT-16: fmaf(
// CHECK: __syncthreads();
// CHECK: tanhf(
// CHECK: TENON_EXPORT(k0)
// PLAN: k0 blocks 64 (
func.func @f(%x: tensor<512x300xf32>, %w: tensor<512x300xf32>) -> tensor<512x512xf32> attributes {tenon.function = "f"} {
  %0 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<512x300xf32>, tensor<512x300xf32>
  %1 = prim.tanh %0 : tensor<512x512xf32>
  return %1 : tensor<512x512xf32>
}
