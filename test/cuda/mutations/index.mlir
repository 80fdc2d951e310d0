// Rows by index and their gradient (several ids are equal), order, running sums.
func.func @embedding(%t: tensor<2x40xf32>, %i: tensor<30xi64>) -> (tensor<f32>, tensor<2x40xf32>) {
  %e = nn.embedding %i, %t : tensor<30xi64>, tensor<2x40xf32>
  %y = prim.exp %e : tensor<30x40xf32>
  %s = prim.reduce_sum %y {dimensions = array<i64: 0, 1>} : tensor<30x40xf32>
  %g = prim.gradient %s wrt(%t) : tensor<f32> wrt tensor<2x40xf32>
  return %s, %g : tensor<f32>, tensor<2x40xf32>
}
func.func @order(%x: tensor<9x17xf32>) -> (tensor<9x17xi64>, tensor<9x17xf32>) {
  %a = prim.argsort %x {dimension = 1} : tensor<9x17xf32> to tensor<9x17xi64>
  %c = prim.cumsum %x {dimension = 0} : tensor<9x17xf32>
  return %a, %c : tensor<9x17xi64>, tensor<9x17xf32>
}
