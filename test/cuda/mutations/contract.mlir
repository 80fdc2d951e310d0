// Contractions in tiles through shared memory: no size a multiple of a tile, both orders of memory, a batch, bias and square on the sums.
func.func @epilogue(%x: tensor<200x45xf32>, %w: tensor<190x45xf32>, %b: tensor<190xf32>) -> tensor<200x190xf32> {
  %z = nn.linear %x, %w, %b : tensor<200x45xf32>, tensor<190x45xf32>, tensor<190xf32>
  %y = prim.mul %z, %z : tensor<200x190xf32>
  return %y : tensor<200x190xf32>
}
func.func @batched(%x: tensor<3x37x150xf32>, %w: tensor<3x37x70xf32>) -> tensor<3x150x70xf32> {
  %y = prim.contract %x, %w {maps = [affine_map<(b, m, n, k) -> (b, k, m)>, affine_map<(b, m, n, k) -> (b, k, n)>, affine_map<(b, m, n, k) -> (b, m, n)>]} : tensor<3x37x150xf32>, tensor<3x37x70xf32>
  return %y : tensor<3x150x70xf32>
}
