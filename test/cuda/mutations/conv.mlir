// Convolutions as contractions through windows, and both gradients: padding, stride, dilation. Pooling and its gradient.
func.func @conv(%x: tensor<2x5x9x8xf32>, %w: tensor<33x5x3x3xf32>) -> (tensor<f32>, tensor<2x5x9x8xf32>, tensor<33x5x3x3xf32>) {
  %y = nn.conv %x, %w {dilation = array<i64: 1, 1>, groups = 1 : i64, high = array<i64: 1, 1>, low = array<i64: 1, 1>, stride = array<i64: 2, 1>} : tensor<2x5x9x8xf32>, tensor<33x5x3x3xf32>
  %t = prim.tanh %y : tensor<2x33x5x8xf32>
  %s = prim.reduce_sum %t {dimensions = array<i64: 0, 1, 2, 3>} : tensor<2x33x5x8xf32>
  %g:2 = prim.gradient %s wrt(%x, %w) : tensor<f32> wrt tensor<2x5x9x8xf32>, tensor<33x5x3x3xf32>
  return %s, %g#0, %g#1 : tensor<f32>, tensor<2x5x9x8xf32>, tensor<33x5x3x3xf32>
}
func.func @pool(%x: tensor<2x3x9x8xf32>) -> (tensor<f32>, tensor<2x3x9x8xf32>) {
  %y = nn.max_pool %x {kernel = array<i64: 3, 2>, stride = array<i64: 2, 2>, padding = array<i64: 1, 0>, dilation = array<i64: 1, 1>} : tensor<2x3x9x8xf32>
  %q = prim.mul %y, %y : tensor<2x3x5x4xf32>
  %s = prim.reduce_sum %q {dimensions = array<i64: 0, 1, 2, 3>} : tensor<2x3x5x4xf32>
  %g = prim.gradient %s wrt(%x) : tensor<f32> wrt tensor<2x3x9x8xf32>
  return %s, %g : tensor<f32>, tensor<2x3x9x8xf32>
}
