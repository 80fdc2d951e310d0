// RUN: tenonc --target=cuda --emit=cuda %s | FileCheck %s
// Rows: teams of threads share a row's sums by shuffles, between nests the block meets; values between nests are in shared memory.

// CHECK: // reduce[64x100]
// CHECK: __shared__ float
// CHECK: __shfl_xor_sync(0xffffffffu, {{v[0-9]+}}, 1)
// CHECK: __syncthreads();
// CHECK: expf(
// CHECK: __syncthreads();
// CHECK: TENON_EXPORT(k0,
// CHECK-NOT: TENON_KERNEL
func.func @f(%x: tensor<64x100xf32>) -> tensor<64x100xf32> attributes {tenon.function = "f"} {
  %0 = nn.softmax %x {dim = 1 : i64} : tensor<64x100xf32>
  return %0 : tensor<64x100xf32>
}
