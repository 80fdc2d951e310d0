// A long reduction into few elements becomes partial results of parts and their reduction, cut by the loops' lengths alone; short ones and those with many results stay.
// RUN: tenon-opt %s --lower-to-linalg --fuse-pointwise --split-reductions | FileCheck %s

// CHECK-DAG: #[[PARTS:.*]] = affine_map<(d0, d1, d2) -> (d0 * 8 + d1, d2)>
// CHECK-DAG: #[[LINE:.*]] = affine_map<(d0, d1) -> (d0 * 31250 + d1)>
// CHECK-DAG: #[[REST:.*]] = affine_map<(d0) -> (d0 + 1000000)>

// 128 rows in 16 parts of 8: they divide the axis. What was fused into the sum stays in it.
// CHECK-LABEL: func.func @whole
// CHECK: linalg.generic {indexing_maps = [#[[PARTS]], {{.*}}], iterator_types = ["parallel", "reduction", "reduction"]}
// CHECK: arith.mulf
// CHECK: -> tensor<16xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction"]} ins(%{{.*}} : tensor<16xf32>)
// CHECK-NOT: linalg.generic
func.func @whole(%x: tensor<128x784xf32>) -> tensor<f32> {
  %0 = prim.mul %x, %x : tensor<128x784xf32>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 0, 1>} : tensor<128x784xf32>
  return %1 : tensor<f32>
}

// No part divides a prime: what is left over is reduced by itself and joined last.
// CHECK-LABEL: func.func @prime
// CHECK: linalg.generic {indexing_maps = [#[[LINE]], {{.*}}], iterator_types = ["parallel", "reduction"]}
// CHECK: -> tensor<32xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["reduction"]} ins(%{{.*}} : tensor<32xf32>)
// CHECK: linalg.generic {indexing_maps = [#[[REST]], {{.*}}], iterator_types = ["reduction"]}
// CHECK: arith.maximumf
// CHECK: linalg.generic {{.*}}iterator_types = []}
// CHECK: arith.maximumf
func.func @prime(%x: tensor<1000003xf32>) -> tensor<f32> {
  %0 = prim.reduce_max %x {dimensions = array<i64: 0>} : tensor<1000003xf32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @short_or_wide
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic
func.func @short_or_wide(%x: tensor<1000xf32>, %y: tensor<1024x128xf32>) -> (tensor<f32>, tensor<128xf32>) {
  %0 = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<1000xf32>
  %1 = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<1024x128xf32>
  return %0, %1 : tensor<f32>, tensor<128xf32>
}
