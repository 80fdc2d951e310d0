// Shape ops: forms and values.
// RUN: tenon-opt %s | tenon-opt | FileCheck %s
// RUN: tenon-opt %s --evaluate | FileCheck %s --check-prefix=VALUE

// CHECK-LABEL: @rows
// VALUE: rows: dense<{{\[}}[0, 1, 2], [3, 4, 5]]>
func.func @rows() -> tensor<2x3xi32> {
  // CHECK: prim.iota {dimension = 0 : i64} : tensor<6xi32>
  %0 = prim.iota {dimension = 0 : i64} : tensor<6xi32>
  // CHECK: prim.reshape %{{.*}} : tensor<6xi32> to tensor<2x3xi32>
  %1 = prim.reshape %0 : tensor<6xi32> to tensor<2x3xi32>
  return %1 : tensor<2x3xi32>
}

// VALUE: turned: dense<{{\[}}[3, 0], [4, 1], [5, 2]]>
func.func @turned() -> tensor<3x2xi32> {
  %0 = prim.constant dense<[[0, 1, 2], [3, 4, 5]]> : tensor<2x3xi32>
  // CHECK: prim.transpose %{{.*}} {permutation = array<i64: 1, 0>} : tensor<2x3xi32>
  %1 = prim.transpose %0 {permutation = array<i64: 1, 0>} : tensor<2x3xi32>
  // CHECK: prim.reverse %{{.*}} {dimensions = array<i64: 1>} : tensor<3x2xi32>
  %2 = prim.reverse %1 {dimensions = array<i64: 1>} : tensor<3x2xi32>
  return %2 : tensor<3x2xi32>
}

// VALUE: padded: dense<[9, 0, 9, 1, 9, 2, 9, 9]>
// VALUE: padded: dense<[1, 9]>
func.func @padded() -> (tensor<8xi32>, tensor<2xi32>) {
  %0 = prim.iota {dimension = 0 : i64} : tensor<3xi32>
  %v = prim.constant dense<9> : tensor<i32>
  // CHECK: prim.pad %{{.*}}, %{{.*}} {high = array<i64: 2>, interior = array<i64: 1>, low = array<i64: 1>} : tensor<3xi32>, tensor<i32>
  %1 = prim.pad %0, %v {low = array<i64: 1>, high = array<i64: 2>, interior = array<i64: 1>} : tensor<3xi32>, tensor<i32>
  // CHECK: prim.slice
  %2 = prim.slice %1 {offsets = array<i64: 3>, sizes = array<i64: 2>, strides = array<i64: 3>} : tensor<8xi32>
  return %1, %2 : tensor<8xi32>, tensor<2xi32>
}

// VALUE: joined: dense<{{\[}}[1, 1, 7], [2, 2, 8]]>
func.func @joined() -> tensor<2x3xi32> {
  %0 = prim.constant dense<[1, 2]> : tensor<2xi32>
  // CHECK: prim.broadcast %{{.*}} {dimensions = array<i64: 0>} : tensor<2xi32> to tensor<2x2xi32>
  %1 = prim.broadcast %0 {dimensions = array<i64: 0>} : tensor<2xi32> to tensor<2x2xi32>
  %2 = prim.constant dense<[[7], [8]]> : tensor<2x1xi32>
  // CHECK: prim.concat %{{.*}}, %{{.*}} {dimension = 1 : i64} : tensor<2x2xi32>, tensor<2x1xi32>
  %3 = prim.concat %1, %2 {dimension = 1 : i64} : tensor<2x2xi32>, tensor<2x1xi32>
  return %3 : tensor<2x3xi32>
}

// No elements.
// VALUE: empty: dense<> : tensor<3x0xi32>
// VALUE: empty: dense<0> : tensor<3xi32>
func.func @empty() -> (tensor<3x0xi32>, tensor<3xi32>) {
  %0 = prim.constant dense<> : tensor<0x3xi32>
  %1 = prim.reshape %0 : tensor<0x3xi32> to tensor<3x0xi32>
  %2 = prim.reduce_sum %0 {dimensions = array<i64: 0>} : tensor<0x3xi32>
  return %1, %2 : tensor<3x0xi32>, tensor<3xi32>
}

// Philox4x32-10 of counter 0 and key 0: 0x6627e8d5, the first known answer of Random123.
// VALUE: random: dense<1713891541>
func.func @random() -> tensor<i32> {
  %0 = prim.constant dense<0> : tensor<i64>
  // CHECK: prim.philox %{{.*}}, %{{.*}} {word = 0 : i64} : tensor<i32>
  %1 = prim.philox %0, %0 {word = 0 : i64} : tensor<i32>
  return %1 : tensor<i32>
}
