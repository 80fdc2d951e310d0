// Loops: a recurrence that is unrolled into the graph, one that the host ends at its flag, a state that is copied.
prim.state @h : tensor<2x30xf32>
func.func @recurrent(%x: tensor<4x2x30xf32>, %w: tensor<30x30xf32>) -> tensor<4x2x30xf32> {
  %i = prim.read @h : tensor<2x30xf32>
  %c, %y = prim.scan inits(%i : tensor<2x30xf32>) xs(%x : tensor<4x2x30xf32>) captured(%w : tensor<30x30xf32>) length(4) {
  ^bb0(%h: tensor<2x30xf32>, %s: tensor<2x30xf32>, %k: tensor<30x30xf32>):
    %p = prim.contract %h, %k {maps = [affine_map<(b, o, k) -> (b, k)>, affine_map<(b, o, k) -> (k, o)>, affine_map<(b, o, k) -> (b, o)>]} : tensor<2x30xf32>, tensor<30x30xf32>
    %q = prim.sub %p, %s : tensor<2x30xf32>
    %n = prim.tanh %q : tensor<2x30xf32>
    prim.yield %n, %h : tensor<2x30xf32>, tensor<2x30xf32>
  } -> tensor<2x30xf32>, tensor<4x2x30xf32>
  prim.write @h, %c : tensor<2x30xf32>
  return %y : tensor<4x2x30xf32>
}
func.func @until(%i: tensor<3xf32>) -> (tensor<3xf32>, tensor<i64>) {
  %z = prim.constant dense<0> : tensor<i64>
  %y, %n = prim.while inits(%i, %z : tensor<3xf32>, tensor<i64>) {
  ^bb0(%h: tensor<3xf32>, %t: tensor<i64>):
    %l = prim.constant dense<7> : tensor<i64>
    %m = prim.compare lt %t, %l : tensor<i64>
    prim.yield %m : tensor<i1>
  } do {
  ^bb0(%h: tensor<3xf32>, %t: tensor<i64>):
    %o = prim.constant dense<1> : tensor<i64>
    %u = prim.add %t, %o : tensor<i64>
    %d = prim.add %h, %h : tensor<3xf32>
    prim.yield %d, %u : tensor<3xf32>, tensor<i64>
  } -> tensor<3xf32>, tensor<i64>
  return %y, %n : tensor<3xf32>, tensor<i64>
}
