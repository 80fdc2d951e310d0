// A chain of pointwise ops is one generic; a value with two readers is kept unless copying it costs nothing (flags, constants, moves).
// RUN: tenon-opt %s --lower-to-linalg --fuse-pointwise | FileCheck %s

// CHECK-LABEL: func.func @chain
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<3x4xf32>, %b: tensor<4xf32>) -> tensor<3x4xf32> {
  %0 = prim.broadcast %b {dimensions = array<i64: 1>} : tensor<4xf32> to tensor<3x4xf32>
  %1 = prim.add %x, %0 : tensor<3x4xf32>
  %2 = prim.exp %1 : tensor<3x4xf32>
  %3 = prim.neg %2 : tensor<3x4xf32>
  return %3 : tensor<3x4xf32>
}

// CHECK-LABEL: func.func @into_a_sum
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
func.func @into_a_sum(%x: tensor<3x4xf32>) -> tensor<3xf32> {
  %0 = prim.mul %x, %x : tensor<3x4xf32>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 1>} : tensor<3x4xf32>
  return %1 : tensor<3xf32>
}

// exp has two readers: three generics.
// CHECK-LABEL: func.func @two_readers
// CHECK-COUNT-3: linalg.generic
// CHECK-NOT: linalg.generic
func.func @two_readers(%x: tensor<3x4xf32>) -> (tensor<3xf32>, tensor<4xf32>) {
  %0 = prim.exp %x : tensor<3x4xf32>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 1>} : tensor<3x4xf32>
  %2 = prim.reduce_sum %0 {dimensions = array<i64: 0>} : tensor<3x4xf32>
  return %1, %2 : tensor<3xf32>, tensor<4xf32>
}

// A flag with two readers is computed in each.
// CHECK-LABEL: func.func @flag
// CHECK-NOT: tensor<3x4xi1>
func.func @flag(%x: tensor<3x4xf32>, %y: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %0 = prim.compare gt %x, %y : tensor<3x4xf32>
  %1 = prim.select %0, %x, %y : tensor<3x4xi1>, tensor<3x4xf32>
  %2 = prim.select %0, %y, %x : tensor<3x4xi1>, tensor<3x4xf32>
  return %1, %2 : tensor<3x4xf32>, tensor<3x4xf32>
}

// A sum of a slice, read twice: while the slice is fused the sum's generic has a second result, which nobody must take for the sum.
// CHECK-LABEL: func.func @sum_of_a_slice
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}reduction
// CHECK: ins(%[[SUM]] : tensor<f32>)
// CHECK: ins(%[[SUM]], %{{.*}} : tensor<f32>, tensor<4x6xf32>)
func.func @sum_of_a_slice(%x: tensor<4x2x6xf32>, %t: tensor<4x6xf32>) -> (tensor<f32>, tensor<4x6xf32>) {
  %0 = prim.slice %x {offsets = array<i64: 0, 1, 0>, sizes = array<i64: 4, 1, 6>, strides = array<i64: 1, 1, 1>} : tensor<4x2x6xf32>
  %1 = prim.reshape %0 : tensor<4x1x6xf32> to tensor<4x6xf32>
  %2 = prim.reduce_sum %1 {dimensions = array<i64: 0, 1>} : tensor<4x6xf32>
  %3 = prim.exp %2 : tensor<f32>
  %4 = prim.broadcast %2 {dimensions = array<i64>} : tensor<f32> to tensor<4x6xf32>
  %5 = prim.mul %4, %t : tensor<4x6xf32>
  return %3, %5 : tensor<f32>, tensor<4x6xf32>
}
