// Halves on tensor cores where nothing is aligned or a multiple of anything: copies of 4 bytes, tiles that end in mid-air.
func.func @edges(%x: tensor<38x518xf16>, %w: tensor<130x38xf16>) -> tensor<518x130xf16> {
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<38x518xf16>, tensor<130x38xf16>
  return %y : tensor<518x130xf16>
}
