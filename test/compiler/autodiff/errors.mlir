// An op without a derivative between a value and the loss.
// RUN: tenon-opt %s -differentiate -verify-diagnostics

func.func @f(%x: tensor<3xf32>, %t: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{'nn.silu' op has no derivative}}
  %y = nn.silu %x : tensor<3xf32>
  %l = nn.mse_loss mean %y, %t : tensor<3xf32>
  %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<3xf32>
  return %g : tensor<3xf32>
}
