// GPUs: contractions of few tiles and many terms become partial results of parts and their sum; what has tiles enough, or few terms, stays.
// RUN: tenon-opt %s --lower-to-linalg --fuse-pointwise --split-reductions=gpu=true | FileCheck %s
// RUN: tenon-opt %s --lower-to-linalg --fuse-pointwise --split-reductions | FileCheck %s --check-prefix=CPU

// CHECK: #[[PART:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d0 * 128 + d3)>

// CHECK-LABEL: func.func @gradient
// CHECK: linalg.generic {indexing_maps = [#[[PART]], {{.*}}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
// CHECK: math.fma
// CHECK: -> tensor<8x64x96xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction", "parallel", "parallel"]
// CHECK-NOT: linalg.generic
// CPU-LABEL: func.func @gradient
// CPU-COUNT-1: linalg.generic
// CPU-NOT: linalg.generic
func.func @gradient(%x: tensor<64x1024xf32>, %w: tensor<96x1024xf32>) -> tensor<64x96xf32> {
  %0 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<64x1024xf32>, tensor<96x1024xf32>
  return %0 : tensor<64x96xf32>
}

// The loop over images is cut, not those of windows; the windows' loops have other numbers then.
// CPU-LABEL: func.func @filter
// CHECK-LABEL: func.func @filter
// CHECK: linalg.generic {{.*}}windows = array<i64: 1, 1, 6, 1, 1, 1, 1, 2, 2, 7, 1, 1, 1, 1>
// CHECK: -> tensor<16x3x3x8x32xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction", "parallel", "parallel", "parallel", "parallel"]
func.func @filter(%x: tensor<16x14x14x8xf32>, %dy: tensor<16x14x14x32xf32>) -> tensor<3x3x8x32xf32> {
  %0 = prim.conv %x, %dy {maps = [affine_map<(k, l, c, f, n, i, j) -> (n, k + i, l + j, c)>, affine_map<(k, l, c, f, n, i, j) -> (n, i, j, f)>, affine_map<(k, l, c, f, n, i, j) -> (k, l, c, f)>], strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1>, input_dilations = array<i64: 1, 1>} : tensor<16x14x14x8xf32>, tensor<16x14x14x32xf32> to tensor<3x3x8x32xf32>
  return %0 : tensor<3x3x8x32xf32>
}

// CHECK-LABEL: func.func @enough
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic
func.func @enough(%x: tensor<512x1024xf32>, %w: tensor<512x1024xf32>, %y: tensor<64x256xf32>, %z: tensor<96x256xf32>) -> (tensor<512x512xf32>, tensor<64x96xf32>) {
  %0 = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<512x1024xf32>, tensor<512x1024xf32>
  %1 = prim.contract %y, %z {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<64x256xf32>, tensor<96x256xf32>
  return %0, %1 : tensor<512x512xf32>, tensor<64x96xf32>
}
