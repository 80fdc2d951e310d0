// A training step: forward, backward, Adam in place; a check of labels before anything of the state is written.
prim.state @w1 : tensor<40x30xf32>
prim.state @w2 : tensor<5x40xf32>
prim.state @m1 : tensor<40x30xf32>
prim.state @m2 : tensor<5x40xf32>
prim.state @v1 : tensor<40x30xf32>
prim.state @v2 : tensor<5x40xf32>
prim.state @step : tensor<f32>
func.func @train(%x: tensor<24x30xf32>, %y: tensor<24xi64>) -> tensor<f32> {
  %w1 = prim.read @w1 : tensor<40x30xf32>
  %w2 = prim.read @w2 : tensor<5x40xf32>
  %m1 = prim.read @m1 : tensor<40x30xf32>
  %m2 = prim.read @m2 : tensor<5x40xf32>
  %v1 = prim.read @v1 : tensor<40x30xf32>
  %v2 = prim.read @v2 : tensor<5x40xf32>
  %step = prim.read @step : tensor<f32>
  %one = prim.constant dense<1.0> : tensor<f32>
  %now = prim.add %step, %one : tensor<f32>
  %h1 = prim.contract %x, %w1 {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<24x30xf32>, tensor<40x30xf32>
  %h = prim.tanh %h1 : tensor<24x40xf32>
  %s = prim.contract %h, %w2 {maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<24x40xf32>, tensor<5x40xf32>
  %loss = nn.cross_entropy mean %s, %y : tensor<24x5xf32>, tensor<24xi64>
  %g:2 = prim.gradient %loss wrt(%w1, %w2) : tensor<f32> wrt tensor<40x30xf32>, tensor<5x40xf32>
  %n:6 = prim.foreach shared(%now : tensor<f32>) lists(%w1, %w2, %g#0, %g#1, %m1, %m2, %v1, %v2 : tensor<40x30xf32>, tensor<5x40xf32>, tensor<40x30xf32>, tensor<5x40xf32>, tensor<40x30xf32>, tensor<5x40xf32>, tensor<40x30xf32>, tensor<5x40xf32>) count(2) {
  ^bb0(%t: tensor<f32>, %p: tensor<f32>, %d: tensor<f32>, %m: tensor<f32>, %v: tensor<f32>):
    %keep = prim.constant dense<0.9> : tensor<f32>
    %rate = prim.constant dense<0.1> : tensor<f32>
    %a = prim.mul %m, %keep : tensor<f32>
    %c = prim.mul %d, %rate : tensor<f32>
    %m2n = prim.add %a, %c : tensor<f32>
    %dd = prim.mul %d, %d : tensor<f32>
    %e = prim.mul %v, %keep : tensor<f32>
    %f = prim.mul %dd, %rate : tensor<f32>
    %vn = prim.add %e, %f : tensor<f32>
    %root = prim.sqrt %vn : tensor<f32>
    %u = prim.div %m2n, %root : tensor<f32>
    %w = prim.div %u, %t : tensor<f32>
    %q = prim.sub %p, %w : tensor<f32>
    prim.yield %q, %m2n, %vn : tensor<f32>, tensor<f32>, tensor<f32>
  } -> tensor<40x30xf32>, tensor<5x40xf32>, tensor<40x30xf32>, tensor<5x40xf32>, tensor<40x30xf32>, tensor<5x40xf32>
  prim.write @w1, %n#0 : tensor<40x30xf32>
  prim.write @w2, %n#1 : tensor<5x40xf32>
  prim.write @m1, %n#2 : tensor<40x30xf32>
  prim.write @m2, %n#3 : tensor<5x40xf32>
  prim.write @v1, %n#4 : tensor<40x30xf32>
  prim.write @v2, %n#5 : tensor<5x40xf32>
  prim.write @step, %now : tensor<f32>
  return %loss : tensor<f32>
}
