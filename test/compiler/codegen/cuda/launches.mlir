// RUN: tenonc --target=cuda --emit=plan %s | FileCheck %s
// RUN: tenonc --target=cuda --emit=cuda %s | FileCheck %s --check-prefix=TEXT
// RUN: tenonc --target=cuda --verify %s -o %t.so
// Kernels of one level are one launch, each with blocks of its own; long blocks come first. The pointwise kernel of many blocks would be slowed by the registers of the
// contraction in tiles: it is launched by itself. Shared memory of the parts is one.

// CHECK: kernel k2 extent {{.*}}: map[1048576]
// CHECK: kernel k3 = k0 blocks 64, k1 blocks 8: contract[512x512x64] | reduce[64x4000]
// CHECK-NEXT: part k0 extent
// CHECK-NEXT: part k1 extent
// CHECK: function "f" kernels 2 launches 1
// CHECK: launch
// CHECK-NEXT: k3 blocks 72 (input 1, input 2, output 1, input 3, output 2)
// CHECK-NEXT: k2 blocks 1024 (input 0, output 0)

// TEXT: // contract[512x512x64]; train.cpp:8
// TEXT-NEXT: TENON_INLINE void k0_part(const float *__restrict__ a0, {{.*}}, unsigned char *const shared, const unsigned block) {
// TEXT: float *const s0 = (float *)(shared + 0);
// TEXT: float *const s1 = (float *)(shared + 8704);
// TEXT: // reduce[64x4000]; train.cpp:9
// TEXT: // contract[512x512x64] | reduce[64x4000]; train.cpp:8;train.cpp:9
// TEXT-NEXT: TENON_KERNEL(256) k3(
// TEXT-NEXT: if (*status) return;
// TEXT-NEXT: __shared__ __align__(16) unsigned char shared[17408];
// TEXT-NEXT: if (blockIdx.x < 64) k0_part(a0, a1, a2, shared, blockIdx.x);
// TEXT-NEXT: else k1_part(a3, a4, nullptr, blockIdx.x - 64);
// TEXT: TENON_EXPORT
func.func @f(%p: tensor<1048576xf32>, %x: tensor<512x64xf32>, %w: tensor<512x64xf32>, %r: tensor<64x4000xf32>) -> (tensor<1048576xf32>, tensor<512x512xf32>, tensor<64xf32>) attributes {tenon.function = "f"} {
  %1 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<512x64xf32>, tensor<512x64xf32> loc("train.cpp":8:3)
  %2 = prim.reduce_sum %r {dimensions = array<i64: 1>} : tensor<64x4000xf32> loc("train.cpp":9:3)
  %0 = prim.tanh %p : tensor<1048576xf32> loc("train.cpp":10:3)
  return %0, %1, %2 : tensor<1048576xf32>, tensor<512x512xf32>, tensor<64xf32>
}
