// Derivatives where the limit does not exist: PyTorch's choices.
// RUN: tenon-opt %s --evaluate | FileCheck %s

// Equal operands of max share half-half.
// CHECK: tie: dense<[0.000000e+00, 5.000000e-01, 1.000000e+00]>
func.func @tie() -> tensor<3xf32> {
  %a = prim.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %b = prim.constant dense<2.0> : tensor<3xf32>
  %m = prim.max %a, %b : tensor<3xf32>
  %l = prim.reduce_sum %m {dimensions = array<i64: 0>} : tensor<3xf32>
  %g = prim.gradient %l wrt(%a) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}
// Equal maxima share equally.
// CHECK: amax: dense<[5.000000e-01, 0.000000e+00, 5.000000e-01]>
func.func @amax() -> tensor<3xf32> {
  %a = prim.constant dense<[3.0, 2.0, 3.0]> : tensor<3xf32>
  %l = prim.reduce_max %a {dimensions = array<i64: 0>} : tensor<3xf32>
  %g = prim.gradient %l wrt(%a) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}
// relu: 0 at 0; NaN passes.
// CHECK: relu: dense<[0.000000e+00, 0.000000e+00, 2.000000e+00, 0x7FC00000]>
// CHECK: relu: dense<[0.000000e+00, 0.000000e+00, 1.000000e+00, 1.000000e+00]>
func.func @relu() -> (tensor<4xf32>, tensor<4xf32>) {
  %a = prim.constant dense<[-1.0, 0.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %y = nn.relu %a : tensor<4xf32>
  %l = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<4xf32>
  %g = prim.gradient %l wrt(%a) : tensor<f32> wrt tensor<4xf32>
  return %y, %g : tensor<4xf32>, tensor<4xf32>
}
// |x|: the sign, 0 at 0.
// CHECK: abs: dense<[-1.000000e+00, 0.000000e+00, 1.000000e+00]>
func.func @abs() -> tensor<3xf32> {
  %a = prim.constant dense<[-1.0, 0.0, 2.0]> : tensor<3xf32>
  %y = prim.abs %a : tensor<3xf32>
  %l = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<3xf32>
  %g = prim.gradient %l wrt(%a) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}
// sigmoid far out: no NaN from exp's overflow.
// CHECK: sigmoid: dense<[0.000000e+00, 2.500000e-01]>
func.func @sigmoid() -> tensor<2xf32> {
  %a = prim.constant dense<[-200.0, 0.0]> : tensor<2xf32>
  %y = nn.sigmoid %a : tensor<2xf32>
  %l = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<2xf32>
  %g = prim.gradient %l wrt(%a) : tensor<f32> wrt tensor<2xf32>
  return %g : tensor<2xf32>
}
// binary_cross_entropy: logarithms stop at -100, the derivative's divisor at 1e-12.
// CHECK: bce: dense<[1.000000e+02, -0.000000e+00]>
// CHECK: bce: dense<[-9.99999995E+11, 0.000000e+00]>
func.func @bce() -> (tensor<2xf32>, tensor<2xf32>) {
  %x = prim.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %t = prim.constant dense<1.0> : tensor<2xf32>
  %y = nn.binary_cross_entropy none %x, %t : tensor<2xf32>
  %l = prim.reduce_sum %y {dimensions = array<i64: 0>} : tensor<2xf32>
  %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<2xf32>
  return %y, %g : tensor<2xf32>, tensor<2xf32>
}
