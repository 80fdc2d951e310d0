// Rows: softmax by teams of a warp, long rows and a whole tensor by blocks, columns, a cross-entropy and its gradient.
func.func @short(%x: tensor<64x100xf32>) -> tensor<64x100xf32> {
  %0 = nn.softmax %x {dim = 1 : i64} : tensor<64x100xf32>
  return %0 : tensor<64x100xf32>
}
func.func @long(%x: tensor<3x1001xf32>) -> tensor<3x1001xf32> {
  %0 = nn.softmax %x {dim = 1 : i64} : tensor<3x1001xf32>
  return %0 : tensor<3x1001xf32>
}
func.func @sums(%x: tensor<301x45xf32>) -> (tensor<45xf32>, tensor<f32>) {
  %s = prim.reduce_sum %x {dimensions = array<i64: 0>} : tensor<301x45xf32>
  %t = prim.reduce_sum %x {dimensions = array<i64: 0, 1>} : tensor<301x45xf32>
  return %s, %t : tensor<45xf32>, tensor<f32>
}
func.func @loss(%x: tensor<50x20xf32>, %y: tensor<50xi64>) -> (tensor<f32>, tensor<50x20xf32>) {
  %l = nn.cross_entropy mean %x, %y : tensor<50x20xf32>, tensor<50xi64>
  %g = prim.gradient %l wrt(%x) : tensor<f32> wrt tensor<50x20xf32>
  return %l, %g : tensor<f32>, tensor<50x20xf32>
}
func.func @blocks(%x: tensor<2x3000xf32>) -> tensor<2xf32> {
  %s = prim.reduce_sum %x {dimensions = array<i64: 1>} : tensor<2x3000xf32>
  %n = prim.neg %s : tensor<2xf32>
  return %n : tensor<2xf32>
}
