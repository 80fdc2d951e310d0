// Halves on tensor cores: copies that arrive later, three tiles in turn. Nothing but the last tile of rows is cut short.
func.func @aligned(%x: tensor<515x72xbf16>, %w: tensor<72x128xbf16>) -> tensor<515x128xbf16> {
  %y = prim.contract %x, %w {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<515x72xbf16>, tensor<72x128xbf16>
  return %y : tensor<515x128xbf16>
}
