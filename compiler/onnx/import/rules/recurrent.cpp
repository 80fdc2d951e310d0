// RNN, GRU, LSTM: the layers of nn where they mean the same, else a scan written here.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

enum class Cell { rnn, gru, lstm };
int64_t gatesOf(Cell c) { return c == Cell::lstm ? 4 : c == Cell::gru ? 3 : 1; }

/// One direction of a layer.
struct Direction {
  Cell cell;
  bool reverse, linearBeforeReset, inputForget;
  std::vector<std::string> activations;
  std::vector<std::optional<double>> alphas, betas; ///< one per activation
  double clip; ///< 0: none
  Expr w, r, bias, recurrentBias, peephole, h, c;
};

Expr activation(Node &n, const Direction &d, size_t which, Expr x) {
  std::string name = StringRef(d.activations[which]).lower();
  auto alpha = [&](double otherwise) { return d.alphas[which].value_or(otherwise); };
  auto beta = [&](double otherwise) { return d.betas[which].value_or(otherwise); };
  if (d.clip > 0 && which < 2) // what enters the gates; LSTM's cell is not cut
    x = min(max(x, -d.clip), d.clip);
  if (name == "sigmoid") return n.op<nn::SigmoidOp>({x});
  if (name == "tanh") return tanh(x);
  if (name == "relu") return select(x <= 0.0, 0.0, x);
  if (name == "affine") return x * alpha(1) + beta(0);
  if (name == "leakyrelu") return select(x > 0.0, x, x * alpha(0.01));
  if (name == "thresholdedrelu") return select(x > alpha(1), x, 0.0);
  if (name == "scaledtanh") return tanh(x * beta(1)) * alpha(1);
  if (name == "hardsigmoid") return max(min(x * alpha(0.2) + beta(0.5), 1.0), 0.0);
  if (name == "elu") return select(x > 0.0, x, expm1(min(x, 0.0)) * alpha(1));
  if (name == "softsign") return x / (abs(x) + 1.0);
  if (name == "softplus") return max(x, 0.0) + log1p(exp(-abs(x)));
  n.fail("activation '" + d.activations[which] + "' is unknown");
}

Expr linear(Node &n, Expr x, Expr w, Expr bias) { return n.op<nn::LinearOp>({x, w, bias}); }

/// The next h (and c) of a step.
SmallVector<Expr> step(Node &n, const Direction &d, Expr x, Expr h, Expr c, Expr w, Expr r, Expr bias, Expr recurrentBias, Expr peephole) {
  int64_t hidden = h.shape()[1];
  auto part = [&](Expr e, int64_t k) { return n.slice(e, e.rank() - 1, k * hidden, hidden); };
  auto peep = [&](int64_t k, Expr state) { return n.along(part(peephole, k), state.shape(), 1) * state; };
  Expr a = linear(n, x, w, bias);
  if (d.cell == Cell::gru && !d.linearBeforeReset) {
    auto rows = [&](Expr e, int64_t k, int64_t count) { return n.slice(e, 0, k * hidden, count * hidden); };
    Expr zr = linear(n, h, rows(r, 0, 2), recurrentBias ? rows(recurrentBias, 0, 2) : Expr());
    Expr z = activation(n, d, 0, part(a, 0) + part(zr, 0)), reset = activation(n, d, 0, part(a, 1) + part(zr, 1));
    Expr candidate = activation(n, d, 1, part(a, 2) + linear(n, reset * h, rows(r, 2, 1), recurrentBias ? rows(recurrentBias, 2, 1) : Expr()));
    return {(1.0 - z) * candidate + z * h};
  }
  Expr b = linear(n, h, r, recurrentBias);
  if (d.cell == Cell::rnn)
    return {activation(n, d, 0, a + b)};
  if (d.cell == Cell::gru) {
    Expr z = activation(n, d, 0, part(a, 0) + part(b, 0)), reset = activation(n, d, 0, part(a, 1) + part(b, 1));
    Expr candidate = activation(n, d, 1, part(a, 2) + reset * part(b, 2));
    return {(1.0 - z) * candidate + z * h};
  }
  Expr sum = a + b, i = part(sum, 0), o = part(sum, 1), f = part(sum, 2);
  if (peephole)
    i = i + peep(0, c), f = f + peep(2, c);
  i = activation(n, d, 0, i);
  f = d.inputForget ? 1.0 - i : activation(n, d, 0, f);
  Expr cell = f * c + i * activation(n, d, 1, part(sum, 3));
  if (peephole)
    o = o + peep(1, cell);
  return {activation(n, d, 0, o) * activation(n, d, 2, cell), cell};
}

/// y [T, B, H] and the last states, by a scan.
SmallVector<Expr> scanned(Node &n, const Direction &d, Expr x, Expr lengths) {
  int64_t steps = x.shape()[0];
  SmallVector<mlir::Value> states{d.h.value}, xs{x.value}, captured;
  if (d.c)
    states.push_back(d.c.value);
  auto capture = [&](Expr e) {
    if (e)
      captured.push_back(e.value);
    return e ? int64_t(captured.size()) - 1 : -1;
  };
  int64_t w = capture(d.w), r = capture(d.r), bias = capture(d.bias), recurrent = capture(d.recurrentBias), peephole = capture(d.peephole), length = capture(lengths);
  if (lengths)
    xs.push_back(iota(n.b, RankedTensorType::get({steps}, n.b.getI64Type()), 0).value);
  SmallVector<Type> arguments(ValueRange(states).getTypes()), results(ValueRange(states).getTypes());
  for (mlir::Value v : xs) {
    auto type = mlir::cast<RankedTensorType>(v.getType());
    arguments.push_back(RankedTensorType::get(type.getShape().drop_front(), type.getElementType()));
  }
  llvm::append_range(arguments, ValueRange(captured).getTypes());
  results.push_back(RankedTensorType::get({steps, d.h.shape()[0], d.h.shape()[1]}, x.element()));
  auto scan = prim::ScanOp::create(n.b, results, states, xs, captured, steps, d.reverse, IntegerAttr());
  {
    OpBuilder::InsertionGuard guard(n.b);
    Block *body = n.b.createBlock(&scan.getBody(), {}, arguments, SmallVector<Location>(arguments.size(), n.b.getLoc()));
    auto argument = [&](int64_t i) { return i < 0 ? Expr() : Expr(&n.b, body->getArgument(i)); };
    auto inside = [&](int64_t i) { return i < 0 ? Expr() : argument(i + states.size() + xs.size()); };
    Expr h = argument(0), c = d.c ? argument(1) : Expr();
    auto next = step(n, d, argument(states.size()), h, c, inside(w), inside(r), inside(bias), inside(recurrent), inside(peephole));
    Expr y = next[0];
    if (lengths) {
      Expr live = ir::broadcast(n.broadcast(argument(states.size() + 1), {h.shape()[0]}) < inside(length), h.shape(), {0});
      y = select(live, y, like(0.0, y));
      next[0] = select(live, next[0], h);
      if (c)
        next[1] = select(live, next[1], c);
    }
    SmallVector<mlir::Value> yielded;
    for (Expr e : next)
      yielded.push_back(e.value);
    yielded.push_back(y.value);
    prim::YieldOp::create(n.b, yielded);
  }
  SmallVector<Expr> out{{&n.b, scan->getResult(states.size())}};
  for (size_t i = 0; i < states.size(); ++i)
    out.push_back({&n.b, scan->getResult(i)});
  return out;
}

/// ONNX's order of gates in that of nn: iofc to ifco, zrh to rzh.
Expr reordered(Node &n, Expr e, ArrayRef<int64_t> order) {
  if (!e)
    return e;
  int64_t hidden = e.shape()[0] / order.size();
  SmallVector<Expr> parts;
  for (int64_t k : order)
    parts.push_back(n.slice(e, 0, k * hidden, hidden));
  return n.concat(parts, 0);
}
template <class Op> SmallVector<Expr> layer(Node &n, const Direction &d, Expr x, Expr lengths, ArrayRef<int64_t> order) {
  SmallVector<mlir::Value> states{d.h.value}, bias;
  if (d.c)
    states.push_back(d.c.value);
  if (d.bias)
    bias = {reordered(n, d.bias, order).value, reordered(n, d.recurrentBias, order).value};
  SmallVector<Type> types{RankedTensorType::get({x.shape()[0], d.h.shape()[0], d.h.shape()[1]}, x.element())};
  llvm::append_range(types, ValueRange(states).getTypes());
  OperationState state(n.b.getLoc(), Op::getOperationName());
  state.addOperands(x.value);
  state.addOperands(states);
  state.addOperands({reordered(n, d.w, order).value, reordered(n, d.r, order).value});
  state.addOperands(bias);
  if (lengths)
    state.addOperands(lengths.value);
  state.addTypes(types);
  auto &p = state.getOrAddProperties<typename Op::Properties>();
  p.operandSegmentSizes = {1, int32_t(states.size()), 1, 1, int32_t(bias.size()), lengths ? 1 : 0};
  if (d.reverse)
    p.reverse = n.b.getUnitAttr();
  Operation *op = n.b.create(state);
  return llvm::map_to_vector(op->getResults(), [&](mlir::Value v) { return Expr{&n.b, v}; });
}

SmallVector<Expr> run(Node &n, const Direction &d, Expr x, Expr lengths) {
  auto are = [&](std::initializer_list<const char *> names) {
    return llvm::equal(d.activations, names, [](const std::string &a, const char *b) { return StringRef(a).equals_insensitive(b); });
  };
  bool usual = d.clip == 0 && !d.peephole && !d.inputForget && isFloat(n.dtype(0));
  if (usual && d.cell == Cell::lstm && are({"Sigmoid", "Tanh", "Tanh"}))
    return layer<nn::LstmOp>(n, d, x, lengths, {0, 2, 3, 1});
  if (usual && d.cell == Cell::gru && d.linearBeforeReset && are({"Sigmoid", "Tanh"}))
    return layer<nn::GruOp>(n, d, x, lengths, {1, 0, 2});
  if (usual && d.cell == Cell::rnn && are({"Tanh"}))
    return layer<nn::RnnOp>(n, d, x, lengths, {0});
  return scanned(n, d, x, lengths);
}

void recurrent(Node &n, Cell cell) {
  Expr x = n.in(0), w = n.in(1), r = n.in(2), bias = n.optional(3);
  bool batchFirst = n.i("layout", 0);
  int64_t gates = gatesOf(cell);
  n.expect(x.rank() == 3 && w.rank() == 3 && r.rank() == 3 && isFloat(n.dtype(0)), "x, W and R have three dimensions, of floating point");
  if (batchFirst)
    x = transpose(x, {1, 0, 2});
  std::string way = n.s("direction", "forward");
  n.expect(way == "forward" || way == "reverse" || way == "bidirectional", "direction must be forward, reverse or bidirectional");
  int64_t directions = way == "bidirectional" ? 2 : 1, batch = x.shape()[1], hidden = r.shape()[2];
  n.expect(ArrayRef<int64_t>({directions, gates * hidden, x.shape()[2]}) == w.shape() && ArrayRef<int64_t>({directions, gates * hidden, hidden}) == r.shape(),
           "W and R do not fit to x and each other");
  n.expect(!bias || bias.shape() == ArrayRef<int64_t>({directions, 2 * gates * hidden}), "B does not fit to W");
  Expr lengths;
  if (n.has(4)) {
    n.expect(n.shape(4) == ArrayRef<int64_t>({batch}), "sequence_lens is one number per sequence");
    lengths = cast(n.in(4), n.b.getI64Type());
  }
  auto initial = [&](size_t operand) {
    if (!n.has(operand))
      return n.splat({directions, batch, hidden}, x.element(), 0);
    Expr s = n.in(operand);
    if (batchFirst && s.rank() == 3)
      s = transpose(s, {1, 0, 2});
    n.expect(s.shape() == ArrayRef<int64_t>({directions, batch, hidden}), "an initial state does not fit to R");
    return s;
  };
  Expr h0 = initial(5), c0 = cell == Cell::lstm ? initial(6) : Expr(), peepholes = cell == Cell::lstm ? n.optional(7) : Expr();
  n.expect(!peepholes || peepholes.shape() == ArrayRef<int64_t>({directions, 3 * hidden}), "P does not fit to R");

  size_t functions = cell == Cell::lstm ? 3 : cell == Cell::gru ? 2 : 1;
  std::vector<std::string> names;
  if (auto *a = n.attribute("activations", pb::AttributeProto::STRINGS))
    names.assign(a->strings().begin(), a->strings().end());
  n.expect(names.empty() || names.size() == functions * directions, "it needs " + Twine(functions * directions) + " activations");
  auto numbers = [&](const char *name) {
    auto *a = n.attribute(name, pb::AttributeProto::FLOATS);
    return a ? std::vector<double>(a->floats().begin(), a->floats().end()) : std::vector<double>();
  };
  auto alphas = numbers("activation_alpha"), betas = numbers("activation_beta");
  size_t nextAlpha = 0, nextBeta = 0;
  auto of = [&](Expr e, int64_t direction) { return e ? n.reshape(n.slice(e, 0, direction, 1), e.shape().drop_front()) : e; };

  SmallVector<SmallVector<Expr>> results;
  for (int64_t k = 0; k < directions; ++k) {
    Direction d{cell, way == "reverse" || k == 1, n.i("linear_before_reset", 0) != 0, n.i("input_forget", 0) != 0, {}, {}, {}, n.f("clip", 0), of(w, k), of(r, k), {}, {}, of(peepholes, k), of(h0, k), of(c0, k)};
    d.activations = cell == Cell::rnn ? std::vector<std::string>{"Tanh"} : cell == Cell::gru ? std::vector<std::string>{"Sigmoid", "Tanh"} : std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"};
    if (!names.empty())
      d.activations.assign(names.begin() + k * functions, names.begin() + (k + 1) * functions);
    // The numbers are for those activations that have some, in their order.
    auto take = [&](const std::string &name, std::initializer_list<StringRef> takers, const std::vector<double> &all, size_t &next) {
      bool takes = next < all.size() && llvm::is_contained(takers, StringRef(StringRef(name).lower()));
      return takes ? std::optional(all[next++]) : std::nullopt;
    };
    for (const std::string &name : d.activations) {
      d.alphas.push_back(take(name, {"affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"}, alphas, nextAlpha));
      d.betas.push_back(take(name, {"affine", "scaledtanh", "hardsigmoid"}, betas, nextBeta));
    }
    if (bias) {
      Expr both = of(bias, k);
      d.bias = n.slice(both, 0, 0, gates * hidden), d.recurrentBias = n.slice(both, 0, gates * hidden, gates * hidden);
    }
    results.push_back(run(n, d, x, lengths));
  }
  auto stacked = [&](size_t which, int64_t at) {
    SmallVector<Expr> parts;
    for (auto &result : results) {
      Dims shape(result[which].shape());
      shape.insert(shape.begin() + at, 1);
      parts.push_back(n.reshape(result[which], shape));
    }
    return n.concat(parts, at);
  };
  Expr y = stacked(0, 1);
  n.out(0, batchFirst ? transpose(y, {2, 0, 1, 3}) : y);
  for (size_t k = 1; k < results[0].size(); ++k) {
    Expr last = stacked(k, 0);
    n.out(k, batchFirst ? transpose(last, {1, 0, 2}) : last);
  }
}
} // namespace

void addRecurrent(Table &t) {
  t("RNN", 1, [](Node &n) { recurrent(n, Cell::rnn); });
  t("GRU", 1, [](Node &n) { recurrent(n, Cell::gru); });
  t("LSTM", 1, [](Node &n) { recurrent(n, Cell::lstm); });
}

} // namespace tenon::onnx::imports
