// Random numbers, equal to the reference evaluator's bit for bit, and dropout.
func.func @random(%seed: tensor<i64>, %counter: tensor<i64>, %x: tensor<40x20xf32>) -> (tensor<5x37xi32>, tensor<100xf32>, tensor<100xf32>, tensor<40x20xf32>) {
  %b = prim.philox %seed, %counter {word = 2 : i64} : tensor<5x37xi32>
  %u = nn.random_uniform %seed, %counter : tensor<100xf32>
  %n = nn.random_normal %seed, %counter : tensor<100xf32>
  %d = nn.dropout %x, %seed, %counter {p = 0.3 : f64} : tensor<40x20xf32>
  return %b, %u, %n, %d : tensor<5x37xi32>, tensor<100xf32>, tensor<100xf32>, tensor<40x20xf32>
}
