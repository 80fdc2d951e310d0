// Halves on tensor cores: copies that arrive later, three tiles in turn; copies of 16 bytes and, where nothing is aligned, one element at a time.
func.func @aligned(%x: tensor<515x104xbf16>, %w: tensor<104x128xbf16>) -> tensor<515x128xbf16> {
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<515x104xbf16>, tensor<104x128xbf16>
  return %y : tensor<515x128xbf16>
}
func.func @edges(%x: tensor<38x518xf16>, %w: tensor<130x38xf16>) -> tensor<518x130xf16> {
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<38x518xf16>, tensor<130x38xf16>
  return %y : tensor<518x130xf16>
}
