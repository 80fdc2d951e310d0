// Elementwise: more elements than a block has threads, narrow types and what rounding to them leaves, flags, a tensor turned.
func.func @elementwise(%x: tensor<37x30xf32>, %y: tensor<37x30xf32>) -> (tensor<37x30xf32>, tensor<37x30xf32>, tensor<37x30xf32>, tensor<30x37xf32>) {
  %s = prim.mul %x, %y : tensor<37x30xf32>
  %e = prim.exp %s : tensor<37x30xf32>
  %b = prim.cast %e : tensor<37x30xf32> to tensor<37x30xbf16>
  %c = prim.cast %b : tensor<37x30xbf16> to tensor<37x30xf32>
  %lost = prim.sub %e, %c : tensor<37x30xf32>
  %h = prim.cast %e : tensor<37x30xf32> to tensor<37x30xf16>
  %i = prim.cast %h : tensor<37x30xf16> to tensor<37x30xf32>
  %less = prim.sub %e, %i : tensor<37x30xf32>
  %f = prim.compare lt %x, %y : tensor<37x30xf32>
  %p = prim.select %f, %s, %e : tensor<37x30xi1>, tensor<37x30xf32>
  %t = prim.transpose %e {permutation = array<i64: 1, 0>} : tensor<37x30xf32>
  return %lost, %less, %p, %t : tensor<37x30xf32>, tensor<37x30xf32>, tensor<37x30xf32>, tensor<30x37xf32>
}
