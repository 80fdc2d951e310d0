// RUN: tenonc --target=cuda --emit=cuda %s | FileCheck %s
// RUN: tenonc --target=cuda --emit=plan %s | FileCheck %s --check-prefix=PLAN
// A large contraction is computed in tiles through shared memory, bias and activation on the registers that hold the sums.

#A = affine_map<(m, n, k) -> (m, k)>
#B = affine_map<(m, n, k) -> (n, k)>
#T = affine_map<(m, n, k) -> (k, n)>
#Y = affine_map<(m, n, k) -> (m, n)>

// f32: two tiles of 16 terms in turn, lines padded by 4 elements; while one is multiplied the next is on its way to registers. 8 x 8 tiles of 64 x 64, two of them in a
// block of the grid.
// CHECK: // contract[512x512x300] + map[512x512]
// CHECK: __shared__ __align__(16) float {{s[0-9]+}}[2176];
// CHECK: __syncthreads();
// CHECK: for (int [[K:v[0-9]+]] = 0; [[K]] < 300; [[K]] += 16) {
// CHECK: const bool [[MORE:v[0-9]+]] = {{v[0-9]+}} < 300;
// CHECK-NEXT: if ([[MORE]]) {
// CHECK: multiply_tiles<64, 64>({{s[0-9]+}}, &{{s[0-9]+}}[{{.*}}], &{{s[0-9]+}}[{{.*}}]);
// CHECK-NEXT: if ([[MORE]]) {
// CHECK: __syncthreads();
// CHECK: tanhf(
// CHECK: TENON_EXPORT(k0,
// PLAN: k0 blocks 64 (
func.func @f(%x: tensor<512x300xf32>, %w: tensor<512x300xf32>) -> tensor<512x512xf32> attributes {tenon.function = "f"} {
  %0 = prim.contract %x, %w {maps = [#A, #B, #Y]} : tensor<512x300xf32>, tensor<512x300xf32>
  %1 = prim.tanh %0 : tensor<512x512xf32>
  return %1 : tensor<512x512xf32>
}

// Where there is enough work for all processors a thread has 8 x 8 sums.
// CHECK: // contract[2048x1024x64]
// CHECK: float [[SUMS:s[0-9]+]][64];
// CHECK: multiply_tiles<128, 128>([[SUMS]],
func.func @large(%x: tensor<2048x64xf32>, %w: tensor<64x1024xf32>) -> tensor<2048x1024xf32> attributes {tenon.function = "large"} {
  %0 = prim.contract %x, %w {maps = [#A, #T, #Y]} : tensor<2048x64xf32>, tensor<64x1024xf32>
  return %0 : tensor<2048x1024xf32>
}

// What is computed of an element before its product is computed once, on its way to shared memory.
// CHECK: // contract[192x192x20]
// CHECK: expf(
// CHECK: multiply_tiles<32, 32>
// CHECK-NOT: expf(
// CHECK: TENON_EXPORT
func.func @prologue(%a: tensor<192x20xf32>, %c: tensor<192x20xf32>) -> tensor<192x192xf32> attributes {tenon.function = "prologue"} {
  %ab = prim.broadcast %a {dimensions = array<i64: 0, 2>} : tensor<192x20xf32> to tensor<192x192x20xf32>
  %cb = prim.broadcast %c {dimensions = array<i64: 1, 2>} : tensor<192x20xf32> to tensor<192x192x20xf32>
  %ea = prim.exp %ab : tensor<192x192x20xf32>
  %0 = prim.contract %ea, %cb {maps = [affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (m, n, k)>, #Y]} : tensor<192x192x20xf32>, tensor<192x192x20xf32>
  return %0 : tensor<192x192xf32>
}

// Halves: tensor cores, three tiles of 32 terms in a pipeline of asynchronous copies. The second operand's neighbours lie along its rows: matrices are turned when they are
// read.
// CHECK: // contract[512x512x300] + map[512x512]
// CHECK: __shared__ __align__(16) bf16 {{s[0-9]+}}[6144];
// CHECK: copy_eight(
// CHECK: commit_copies();
// CHECK: commit_copies();
// CHECK: for (int [[K:v[0-9]+]] = 0; [[K]] < 300; [[K]] += 32) {
// CHECK-NEXT: wait_copies<1>();
// CHECK-NEXT: __syncthreads();
// CHECK: copy_eight(
// CHECK: commit_copies();
// CHECK: multiply_halves<64, 64, true, false>(
// CHECK: round_to_bf16(
func.func @halves(%x: tensor<512x300xbf16>, %w: tensor<300x512xbf16>) -> tensor<512x512xbf16> attributes {tenon.function = "halves"} {
  %0 = prim.contract %x, %w {maps = [#A, #T, #Y]} : tensor<512x300xbf16>, tensor<300x512xbf16>
  return %0 : tensor<512x512xbf16>
}

// A filter's taps and channels are the terms; pixels the rows: 8 channels of a tap are neighbours in memory. The gradient of the weights has pixels as terms.
// CHECK: // contract[8x16x16x64x3x3x16]
// CHECK: copy_eight({{.*}} ? {{.*}} : 0);
// CHECK: multiply_halves<{{[0-9]+, [0-9]+}}, true, false>(
func.func @convolution(%x: tensor<8x16x16x16xf16>, %w: tensor<3x3x16x64xf16>) -> tensor<8x16x16x64xf16> attributes {tenon.function = "convolution"} {
  %0 = prim.conv %x, %w {maps = [affine_map<(n, i, j, f, k, l, c) -> (n, i + k, j + l, c)>, affine_map<(n, i, j, f, k, l, c) -> (k, l, c, f)>, affine_map<(n, i, j, f, k, l, c) -> (n, i, j, f)>], strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1>, input_dilations = array<i64: 1, 1>} : tensor<8x16x16x16xf16>, tensor<3x3x16x64xf16> to tensor<8x16x16x64xf16>
  return %0 : tensor<8x16x16x64xf16>
}
