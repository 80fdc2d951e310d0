// Every constraint of prim, by its label.
// RUN: tenon-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{op failed to verify that a, b, y have one type (C1)}}
  %0 = "prim.add"(%a, %b) : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @f(%a: tensor<2xi32>) {
  // expected-error @+1 {{operand #0 must be statically shaped tensor of 32-bit float or 64-bit float or bfloat16 type or 16-bit float values}}
  %0 = "prim.exp"(%a) : (tensor<2xi32>) -> tensor<2xi32>
  return
}
// -----
func.func @f(%a: tensor<?xf32>) {
  // expected-error @+1 {{operand #0 must be statically shaped tensor}}
  %0 = "prim.exp"(%a) : (tensor<?xf32>) -> tensor<?xf32>
  return
}
// -----
func.func @f(%a: tensor<2xf32>, %c: tensor<3xi1>) {
  // expected-error @+1 {{failed to verify that 'c' and 'a' have one shape (C2)}}
  %0 = prim.select %c, %a, %a : tensor<3xi1>, tensor<2xf32>
  return
}
// -----
func.func @f(%a: tensor<2xf32>) {
  // expected-error @+1 {{failed to verify that 'x' and 'y' have one shape (C1)}}
  %0 = prim.cast %a : tensor<2xf32> to tensor<3xf64>
  return
}
// -----
func.func @f() {
  // expected-error @+1 {{'prim.iota' op dimension 1 does not exist in 'tensor<2xi32>' (C1)}}
  %0 = prim.iota {dimension = 1 : i64} : tensor<2xi32>
  return
}
// -----
func.func @f(%a: tensor<2xf32>) {
  // expected-error @+1 {{expected 1 dimensions, one per dimension of 'tensor<2xf32>', got [0, 1] (C1)}}
  %0 = prim.broadcast %a {dimensions = array<i64: 0, 1>} : tensor<2xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2xf32>) {
  // expected-error @+1 {{dimensions [2] must increase and exist in 'tensor<2x3xf32>' (C2)}}
  %0 = prim.broadcast %a {dimensions = array<i64: 2>} : tensor<2xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2xf32>) {
  // expected-error @+1 {{dimension 0 of 'tensor<2xf32>' cannot become dimension 1 of 'tensor<2x3xf32>' (C3)}}
  %0 = prim.broadcast %a {dimensions = array<i64: 1>} : tensor<2xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{element types of 'tensor<3xf32>' and 'tensor<2x3xf64>' differ (C4)}}
  %0 = prim.broadcast %a {dimensions = array<i64: 1>} : tensor<3xf32> to tensor<2x3xf64>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{'tensor<3xf32>' has 3 elements, 'tensor<2x3xf32>' has 6 (C1)}}
  %0 = prim.reshape %a : tensor<3xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<6xf32>) {
  // expected-error @+1 {{element types of 'tensor<6xf32>' and 'tensor<2x3xf64>' differ (C2)}}
  %0 = prim.reshape %a : tensor<6xf32> to tensor<2x3xf64>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{prim.transpose: [0, 0] is no permutation of the dimensions of 'tensor<2x3xf32>' (C1)}}
  %0 = prim.transpose %a {permutation = array<i64: 0, 0>} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{prim.slice: expected 2 offsets, sizes and strides for 'tensor<2x3xf32>', got 1, 1 and 1 (C1)}}
  %0 = prim.slice %a {offsets = array<i64: 0>, sizes = array<i64: 1>, strides = array<i64: 1>} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{prim.slice: offset 0, size 1, stride 0 of dimension 0 are not possible (C2)}}
  %0 = prim.slice %a {offsets = array<i64: 0>, sizes = array<i64: 1>, strides = array<i64: 0>} : tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{prim.slice: offset 1, size 2, stride 2 leave dimension 0 of 'tensor<3xf32>' (C3)}}
  %0 = prim.slice %a {offsets = array<i64: 1>, sizes = array<i64: 2>, strides = array<i64: 2>} : tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{prim.pad: expected 1 entries of low and high for 'tensor<3xf32>', got [1, 1] and [0] (C1)}}
  %0 = prim.pad %a, %v {low = array<i64: 1, 1>, high = array<i64: 0>} : tensor<3xf32>, tensor<f32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{prim.pad: padding of -2, -2, 0 is not possible in dimension 0 of 'tensor<3xf32>' (C2)}}
  %0 = prim.pad %a, %v {low = array<i64: -2>, high = array<i64: -2>} : tensor<3xf32>, tensor<f32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{prim.pad: padding of 0, 0, -1 is not possible in dimension 0 of 'tensor<3xf32>' (C2)}}
  %0 = prim.pad %a, %v {low = array<i64: 0>, high = array<i64: 0>, interior = array<i64: -1>} : tensor<3xf32>, tensor<f32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{prim.repeat_interleave: expected 1 repeats for 'tensor<3xf32>', got [1, 2] (C1)}}
  %0 = prim.repeat_interleave %a {repeats = array<i64: 1, 2>} : tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{prim.repeat_interleave: repeats must be positive, got [0] (C2)}}
  %0 = prim.repeat_interleave %a {repeats = array<i64: 0>} : tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %v: tensor<f64>) {
  // expected-error @+1 {{prim.pad: the value must be a scalar of 'f32', got 'tensor<f64>' (C3)}}
  %0 = prim.pad %a, %v {low = array<i64: 1>, high = array<i64: 0>} : tensor<3xf32>, tensor<f64>
  return
}
// -----
func.func @f() {
  // expected-error @+2 {{prim.concat: expected at least one operand (C1)}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = "prim.concat"() <{dimension = 0 : i64}> : () -> tensor<1xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @+1 {{prim.concat: 'tensor<2x4xf32>' cannot be joined to 'tensor<2x3xf32>' along dimension 0 (C2)}}
  %0 = prim.concat %a, %b {dimension = 0 : i64} : tensor<2x3xf32>, tensor<2x4xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{prim.concat: dimension 1 does not exist in 'tensor<3xf32>' (C3)}}
  %0 = prim.concat %a {dimension = 1 : i64} : tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{dimensions [0, 0] must exist in 'tensor<3xf32>' and differ (C2)}}
  %0 = prim.reverse %a {dimensions = array<i64: 0, 0>} : tensor<3xf32>
  return
}
// -----
func.func @f(%s: tensor<i64>) {
  // expected-error @+1 {{word must be 0, 1, 2 or 3, got 4 (C1)}}
  %0 = prim.philox %s, %s {word = 4 : i64} : tensor<3xi32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{prim.reduce_sum: dimensions [1, 0] must increase and exist in 'tensor<2x3xf32>' (C1)}}
  %0 = prim.reduce_sum %a {dimensions = array<i64: 1, 0>} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{requires attribute 'dimensions'}}
  %0 = prim.reduce_max %a : tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{prim.contract: expected three maps, projected permutations of the same indices to the dimensions of 'tensor<2x3xf32>', 'tensor<2x3xf32>' and the result (C1)}}
  %0 = prim.contract %a, %a {maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, i)>, affine_map<(i, j) -> ()>]} : tensor<2x3xf32>, tensor<2x3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{prim.contract: index 0 occurs in fewer than two of the maps (C2)}}
  %0 = prim.contract %a, %b {maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j)>]} : tensor<2x3xf32>, tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{prim.contract: index 1 has extent 3 in 'tensor<2x3xf32>' and 4 in 'tensor<4xf32>' (C3)}}
  %0 = prim.contract %a, %b {maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>]} : tensor<2x3xf32>, tensor<4xf32>
  return
}
// -----
func.func @f(%a: tensor<2x3xf32>, %b: tensor<3xf64>) {
  // expected-error @+1 {{prim.contract: element types of 'tensor<2x3xf32>' and 'tensor<3xf64>' differ (C4)}}
  %0 = prim.contract %a, %b {maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i)>]} : tensor<2x3xf32>, tensor<3xf64>
  return
}
// -----
// expected-error @+1 {{the initial value 'tensor<3xf32>' must have the state's type 'tensor<2xf32>' (C1)}}
prim.state @w : tensor<2xf32> = dense<0.0> : tensor<3xf32>
// -----
// expected-error @+1 {{the initial value's resource must have 8 bytes, it has 0 (C1)}}
prim.state @w : tensor<2xf32> = dense_resource<nowhere> : tensor<2xf32>
// -----
prim.state @w : tensor<2xf32>
// expected-error @+1 {{the alias @w must be another state of type 'tensor<3xf32>' that has no alias itself and holds the value (C2)}}
prim.state @v : tensor<3xf32> alias @w
// -----
func.func @f() {
  // expected-error @+1 {{there is no state @w (C1)}}
  %0 = prim.read @w : tensor<2xf32>
  return
}
// -----
prim.state @w : tensor<2xf32>
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{the state @w is 'tensor<2xf32>', used as 'tensor<3xf32>' (C1)}}
  prim.write @w, %a : tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{needs a seed: the loss 'tensor<3xf32>' has 3 elements (C1)}}
  %0 = prim.gradient %a wrt(%a) : tensor<3xf32> wrt tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{the seed 'tensor<2xf32>' must have the type of the loss 'tensor<3xf32>' (C2)}}
  %0 = prim.gradient %a seed %s wrt(%a) : tensor<3xf32> seed tensor<2xf32> wrt tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %b: tensor<2xf32>) {
  // expected-error @+1 {{2 tensors are no whole number of lists of 3 (C1)}}
  %0 = prim.foreach lists(%a, %b : tensor<3xf32>, tensor<2xf32>) count(3) {
  ^bb0(%x: tensor<f32>):
    prim.yield %x : tensor<f32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>, %b: tensor<2xf32>) {
  // expected-error @+1 {{tensor 0 of list 1 is 'tensor<2xf32>', expected the shape of 'tensor<3xf32>' and the elements of 'tensor<2xf32>' (C2)}}
  %0 = prim.foreach lists(%a, %b : tensor<3xf32>, tensor<2xf32>) count(1) {
  ^bb0(%x: tensor<f32>, %y: tensor<f32>):
    prim.yield %x : tensor<f32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{argument 0 of the body is 'tensor<f64>', expected a scalar of 'f32' (C3)}}
  %0 = prim.foreach lists(%a : tensor<3xf32>) count(1) {
  ^bb0(%x: tensor<f64>):
    prim.yield %x : tensor<f64>
  } -> tensor<3xf64>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{result 0 of list 0 is 'tensor<2xf32>', expected 'tensor<3xf32>' (C4)}}
  %0 = prim.foreach lists(%a : tensor<3xf32>) count(1) {
  ^bb0(%x: tensor<f32>):
    prim.yield %x : tensor<f32>
  } -> tensor<2xf32>
  return
}
// -----
func.func @f(%a: tensor<3xf32>) {
  // expected-error @+1 {{shared value 0 is 'tensor<3xf32>', expected a scalar (C5)}}
  %0 = prim.foreach shared(%a : tensor<3xf32>) lists(%a : tensor<3xf32>) count(1) {
  ^bb0(%s: tensor<f32>, %x: tensor<f32>):
    prim.yield %x : tensor<f32>
  } -> tensor<3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error @+1 {{prim.gather: axis 2 does not exist in 'tensor<2x3xf32>' (C1)}}
  %0 = prim.gather %x, %i {axis = 2} : tensor<2x3xf32>, tensor<4xi64>
  return
}
// -----
func.func @f(%i: tensor<4xi64>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{axis 2 does not exist in 'tensor<2x3xf32>' (C1)}}
  %0 = prim.scatter add %i, %u {axis = 2} : tensor<4xi64>, tensor<4x3xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%i: tensor<5xi64>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{updates 'tensor<4x3xf32>' are not 'tensor<5x3xf32>', 'tensor<2x3xf32>' with dimension 0 replaced by those of 'tensor<5xi64>' (C2)}}
  %0 = prim.scatter max %i, %u {axis = 0} : tensor<5xi64>, tensor<4x3xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%i: tensor<4xi64>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{element types of 'tensor<4x3xf32>' and 'tensor<2x3xf64>' differ (C3)}}
  %0 = prim.scatter set %i, %u {axis = 0} : tensor<4xi64>, tensor<4x3xf32> to tensor<2x3xf64>
  return
}
// -----
func.func @f(%i: tensor<4xi64>, %u: tensor<4x3xf32>, %x: tensor<3x3xf32>) {
  // expected-error @+1 {{starts from 'tensor<3x3xf32>', its result is 'tensor<2x3xf32>' (C4)}}
  %0 = prim.scatter add %i, %u, %x {axis = 0} : tensor<4xi64>, tensor<4x3xf32>, tensor<3x3xf32> to tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{dimension 2 does not exist in 'tensor<2x3xf32>' (C2)}}
  %0 = prim.cumsum %x {dimension = 2} : tensor<2x3xf32>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'x' and 'y' have one shape (C1)}}
  %0 = prim.argsort %x {dimension = 0} : tensor<2x3xf32> to tensor<3x2xi64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{dimension -1 does not exist in 'tensor<2x3xf32>' (C2)}}
  %0 = prim.argsort %x {dimension = -1} : tensor<2x3xf32> to tensor<2x3xi64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{prim.dynamic_slice: expected 2 starts and sizes, one per dimension of 'tensor<2x3xf32>', got 1 and 2 (C1)}}
  %0 = prim.dynamic_slice %x, %s {sizes = array<i64: 1, 1>} : tensor<2x3xf32>, tensor<i64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{prim.dynamic_slice: size 4 of dimension 1 does not fit in 'tensor<2x3xf32>' (C2)}}
  %0 = prim.dynamic_slice %x, %s, %s {sizes = array<i64: 1, 4>} : tensor<2x3xf32>, tensor<i64>, tensor<i64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %u: tensor<1x3xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{prim.dynamic_update_slice: expected 2 starts, one per dimension of 'tensor<2x3xf32>', got 1 (C1)}}
  %0 = prim.dynamic_update_slice %x, %u, %s : tensor<2x3xf32>, tensor<1x3xf32>, tensor<i64>
  return
}
// -----
func.func @f(%x: tensor<2x3xf32>, %u: tensor<3x1xf32>, %s: tensor<i64>) {
  // expected-error @+1 {{prim.dynamic_update_slice: update 'tensor<3x1xf32>' does not fit in 'tensor<2x3xf32>' (C2)}}
  %0 = prim.dynamic_update_slice %x, %u, %s, %s : tensor<2x3xf32>, tensor<3x1xf32>, tensor<i64>, tensor<i64>
  return
}
