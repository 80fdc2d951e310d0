// Tensors that are turned: rows of the tile lie along memory where its lanes do not, and are read and written as squares. Loops whose axes lie one after another in all memory
// are one, so that taps of a filter fill whole vectors: no gather, no scatter.
// RUN: tenonc %s --verify -o %t.so
// RUN: tenonc %s --verify --target=cuda -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so
// RUN: tenonc %s --verify --target=x86-64 -o %t.so
// RUN: tenonc %s --emit=llvm --target=x86-64-v4 | FileCheck %s
// CHECK-NOT: masked.gather
// CHECK-NOT: masked.scatter

// A filter goes to the orders of both passes, its gradient comes back, momentum and filter are updated in place.
prim.state @w : tensor<37x19x3x3xf32>
prim.state @m : tensor<37x19x3x3xf32>
prim.state @v : tensor<37x37x1x1xf64>
func.func @filter(%x: tensor<5x19x6x7xf32>) {
  %w = prim.read @w : tensor<37x19x3x3xf32>
  %m = prim.read @m : tensor<37x19x3x3xf32>
  %a = nn.relu %x : tensor<5x19x6x7xf32>
  %y = nn.conv %a, %w {dilation = array<i64: 1, 1>, groups = 1 : i64, high = array<i64: 1, 1>, low = array<i64: 1, 1>, stride = array<i64: 1, 1>} : tensor<5x19x6x7xf32>, tensor<37x19x3x3xf32>
  %t = prim.tanh %y : tensor<5x37x6x7xf32>
  %s = prim.reduce_sum %t {dimensions = array<i64: 0, 1, 2, 3>} : tensor<5x37x6x7xf32>
  %g = prim.gradient %s wrt(%w) : tensor<f32> wrt tensor<37x19x3x3xf32>
  %keep = prim.constant dense<0.9> : tensor<37x19x3x3xf32>
  %rate = prim.constant dense<0.1> : tensor<37x19x3x3xf32>
  %k = prim.mul %m, %keep : tensor<37x19x3x3xf32>
  %n = prim.add %k, %g : tensor<37x19x3x3xf32>
  %d = prim.mul %n, %rate : tensor<37x19x3x3xf32>
  %u = prim.sub %w, %d : tensor<37x19x3x3xf32>
  prim.write @w, %u : tensor<37x19x3x3xf32>
  prim.write @m, %n : tensor<37x19x3x3xf32>
  return
}
func.func @pointwise_filter(%x: tensor<3x37x4x4xf64>) {
  %v = prim.read @v : tensor<37x37x1x1xf64>
  %y = nn.conv %x, %v {dilation = array<i64: 1, 1>, groups = 1 : i64, high = array<i64: 0, 0>, low = array<i64: 0, 0>, stride = array<i64: 1, 1>} : tensor<3x37x4x4xf64>, tensor<37x37x1x1xf64>
  %s = prim.reduce_sum %y {dimensions = array<i64: 0, 1, 2, 3>} : tensor<3x37x4x4xf64>
  %g = prim.gradient %s wrt(%v) : tensor<f64> wrt tensor<37x37x1x1xf64>
  %u = prim.sub %v, %g : tensor<37x37x1x1xf64>
  prim.write @v, %u : tensor<37x37x1x1xf64>
  return
}

// Squares that no side fills; turned twice in one kernel, in integers and flags too.
func.func @edges(%x: tensor<3x18x2x17xf32>, %i: tensor<33x50xi32>) -> (tensor<2x17x18x3xf32>, tensor<17x3x18x2xf32>, tensor<50x33xi32>, tensor<50x33xi1>) {
  %a = prim.transpose %x {permutation = array<i64: 2, 3, 1, 0>} : tensor<3x18x2x17xf32>
  %b = prim.transpose %x {permutation = array<i64: 3, 0, 1, 2>} : tensor<3x18x2x17xf32>
  %t = prim.transpose %i {permutation = array<i64: 1, 0>} : tensor<33x50xi32>
  %f = prim.compare gt %t, %t : tensor<50x33xi32>
  return %a, %b, %t, %f : tensor<2x17x18x3xf32>, tensor<17x3x18x2xf32>, tensor<50x33xi32>, tensor<50x33xi1>
}
