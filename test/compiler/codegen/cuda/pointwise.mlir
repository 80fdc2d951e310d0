// RUN: tenonc --target=cuda --emit=cuda %s | FileCheck %s
// Elements for every thread, the blocks that share them, comments with the user's lines.

// CHECK: // map[1000]; train.cpp:7
// CHECK-NEXT: TENON_KERNEL(256) k0(const float *__restrict__ a0, float *__restrict__ a1, const unsigned *status) {
// CHECK-NEXT: if (*status) return;
// CHECK: for (int [[I:v[0-9]+]] = (int)threadIdx.x; [[I]] < 1000; [[I]] += 256) {
// CHECK: tanhf(
// CHECK-NOT: __syncthreads
// CHECK: TENON_EXPORT_FREE(k0, 4000, 4000)
func.func @f(%x: tensor<1000xf32>) -> tensor<1000xf32> attributes {tenon.function = "f"} {
  %0 = prim.tanh %x : tensor<1000xf32> loc("train.cpp":7:3)
  return %0 : tensor<1000xf32>
}
