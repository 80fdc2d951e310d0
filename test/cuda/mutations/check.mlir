// A check that fails, by its last element alone: the message is the evaluator's, and the state stays as it was.
prim.state @count : tensor<f32>
prim.state @seen : tensor<300xf32>
func.func @refused(%x: tensor<300xf32>, %i: tensor<69999xf32>) -> tensor<300xf32> {
  %c = prim.read @count : tensor<f32>
  %s = prim.read @seen : tensor<300xf32>
  %two = prim.constant dense<2.0> : tensor<1xf32>
  %all = prim.concat %i, %two {dimension = 0 : i64} : tensor<69999xf32>, tensor<1xf32>
  %one = prim.constant dense<1.0> : tensor<70000xf32>
  %ok = prim.compare lt %all, %one : tensor<70000xf32>
  prim.check %ok, "an index is not below 1" : tensor<70000xi1>
  %e = prim.exp %c : tensor<f32>
  %n = prim.add %s, %x : tensor<300xf32>
  prim.write @count, %e : tensor<f32>
  prim.write @seen, %n : tensor<300xf32>
  return %n : tensor<300xf32>
}
