// What cannot be done in place is copied, old values first: swapped states, an input kept as state, an old value given out.
// RUN: tenonc %s --emit=plan | FileCheck %s
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so

prim.state @a : tensor<4xf32>
prim.state @b : tensor<4xf32>
prim.state @c : tensor<2x2xf32>

// CHECK-LABEL: function "swap"
// CHECK: copy 16 bytes (arena+[[A:[0-9]+]], state 1)
// CHECK: copy 16 bytes (arena+[[B:[0-9]+]], state 0)
// CHECK: copy 16 bytes (state 0, arena+[[A]])
// CHECK: copy 16 bytes (state 1, arena+[[B]])
func.func @swap() {
  %a = prim.read @a : tensor<4xf32>
  %b = prim.read @b : tensor<4xf32>
  prim.write @a, %b : tensor<4xf32>
  prim.write @b, %a : tensor<4xf32>
  return
}

// CHECK-LABEL: function "keep"
// CHECK: copy 16 bytes (output 0, state 0)
// CHECK: copy 16 bytes (state 0, input 0)
func.func @keep(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = prim.read @a : tensor<4xf32>
  prim.write @a, %x : tensor<4xf32>
  return %a : tensor<4xf32>
}

// A state that becomes its own transpose: no element may be overwritten before it is read.
// CHECK-LABEL: function "transpose"
// CHECK: launch
// CHECK: copy 16 bytes (state 2, arena
func.func @transpose() {
  %c = prim.read @c : tensor<2x2xf32>
  %t = prim.transpose %c {permutation = array<i64: 1, 0>} : tensor<2x2xf32>
  %s = prim.add %t, %t : tensor<2x2xf32>
  prim.write @c, %s : tensor<2x2xf32>
  return
}

// Constants, the same tensor given out twice, a view of an input.
// CHECK-LABEL: function "outputs"
func.func @outputs(%x: tensor<2x3xf32>) -> (tensor<6xf32>, tensor<2xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %v = prim.reshape %x : tensor<2x3xf32> to tensor<6xf32>
  %c = prim.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %e = prim.exp %x : tensor<2x3xf32>
  return %v, %c, %e, %e : tensor<6xf32>, tensor<2xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// State that a check needs is copied when the check has passed; what comes after the check is written in place all the same.
// CHECK-LABEL: function "statistics"
// CHECK: check
// CHECK-NOT: copy {{.*}}state 1
// CHECK: copy 16 bytes (state 0, arena
func.func @statistics(%x: tensor<4xf32>) {
  %mean = prim.read @a : tensor<4xf32>
  %w = prim.read @b : tensor<4xf32>
  %m = prim.add %mean, %x : tensor<4xf32>
  %y = prim.mul %m, %w : tensor<4xf32>
  %s = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<4xf32>
  %all = prim.broadcast %s {dimensions = array<i64>} : tensor<f32> to tensor<4xf32>
  %ok = prim.compare eq %all, %all : tensor<4xf32>
  prim.check %ok, "finite" : tensor<4xi1>
  %v = prim.mul %w, %all : tensor<4xf32>
  prim.write @a, %m : tensor<4xf32>
  prim.write @b, %v : tensor<4xf32>
  return
}
