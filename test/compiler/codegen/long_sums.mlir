// Long reductions in two phases, contractions of scattered lanes, functions of f64: the artifact against the reference evaluator, on every instruction set.
// RUN: tenonc %s --verify --target=host -o %t.so
// RUN: tenonc %s --verify --target=haswell -o %t.so
// RUN: tenonc %s --verify --target=x86-64 -o %t.so

func.func @sums(%x: tensor<128x784xf32>, %y: tensor<300007xf32>, %z: tensor<20001x5xf32>, %w: tensor<7x20001xf64>, %n: tensor<100000xi32>, %v: tensor<70001xf32>)
    -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<5xf32>, tensor<7xf64>, tensor<i32>, tensor<f32>, tensor<f32>) {
  %0 = prim.mul %x, %x : tensor<128x784xf32>
  %1 = prim.reduce_sum %0 {dimensions = array<i64: 0, 1>} : tensor<128x784xf32>
  %2 = prim.reduce_max %y {dimensions = array<i64: 0>} : tensor<300007xf32>
  %3 = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<300007xf32>
  %4 = prim.reduce_sum %z {dimensions = array<i64: 0>} : tensor<20001x5xf32>
  %5 = prim.reduce_sum %w {dimensions = array<i64: 1>} : tensor<7x20001xf64>
  %6 = prim.reduce_sum %n {dimensions = array<i64: 0>} : tensor<100000xi32>
  %7 = prim.slice %y {offsets = array<i64: 7>, sizes = array<i64: 100003>, strides = array<i64: 1>} : tensor<300007xf32>
  %8 = prim.reduce_sum %7 {dimensions = array<i64: 0>} : tensor<100003xf32>
  %9 = prim.contract %v, %v {maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>]} : tensor<70001xf32>, tensor<70001xf32>
  return %1, %2, %3, %4, %5, %6, %8, %9 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<5xf32>, tensor<7xf64>, tensor<i32>, tensor<f32>, tensor<f32>
}

// Neither a lane nor a sum's index runs along the memory of the second operand: its last axis is the batch.
func.func @scattered(%a: tensor<3x33x20xf32>, %b: tensor<20x40x3xf32>) -> tensor<3x33x40xf32> {
  %0 = prim.contract %a, %b {maps = [affine_map<(g, m, n, k) -> (g, m, k)>, affine_map<(g, m, n, k) -> (k, n, g)>, affine_map<(g, m, n, k) -> (g, m, n)>]} : tensor<3x33x20xf32>, tensor<20x40x3xf32>
  return %0 : tensor<3x33x40xf32>
}
