// RUN: tenonc --target=cuda --emit=plan %s | FileCheck %s
// RUN: tenonc --target=cuda --verify %s -o %t.so
// Contractions of few tiles and many terms are cut in parts, which are summed in order by the kernel of what follows: no atomics. Parts divide the terms where some number of
// them does; what is left over is a sum of its own. Gradients of filters are cut by images.

// CHECK: contract[8x64x96x128]
// CHECK: reduce[8x64x96] + map[64x96]
func.func @f(%x: tensor<64x1024xf32>, %w: tensor<96x1024xf32>) -> tensor<64x96xf32> attributes {tenon.function = "f"} {
  %0 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<64x1024xf32>, tensor<96x1024xf32>
  %1 = prim.tanh %0 : tensor<64x96xf32>
  return %1 : tensor<64x96xf32>
}

// CHECK: function "halves"
func.func @halves(%x: tensor<1031x96xbf16>, %w: tensor<1031x70xbf16>) -> tensor<96x70xbf16> attributes {tenon.function = "halves"} {
  %0 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<1031x96xbf16>, tensor<1031x70xbf16>
  return %0 : tensor<96x70xbf16>
}

// CHECK: function "filter"
func.func @filter(%x: tensor<16x14x14x8xf16>, %dy: tensor<16x14x14x32xf16>) -> tensor<3x3x8x32xf16> attributes {tenon.function = "filter"} {
  %0 = prim.conv %x, %dy {maps = [affine_map<(k, l, c, f, n, i, j) -> (n, k + i, l + j, c)>, affine_map<(k, l, c, f, n, i, j) -> (n, i, j, f)>, affine_map<(k, l, c, f, n, i, j) -> (k, l, c, f)>], strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1>, input_dilations = array<i64: 1, 1>} : tensor<16x14x14x8xf16>, tensor<16x14x14x32xf16> to tensor<3x3x8x32xf16>
  return %0 : tensor<3x3x8x32xf16>
}
