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
