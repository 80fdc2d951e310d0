// Edges of ops, as ONNX Runtime has them: models of one node or few are imported, evaluated, and compared with what it gives. And sizes that no file may ask for.
#include "compiler/api/onnx.h"
#include "test/onnx/edges.h"

namespace tenon::test {
namespace {
constexpr int64_t high = INT64_MIN; // 2^63 as an unsigned number
} // namespace

TEST_F(Edges, FractionalScales) {
  for (auto [scale, n] : std::initializer_list<std::pair<float, int64_t>>{{0.7f, 10}, {2.3f, 10}, {1.0f / 3, 9}, {0.6f, 10}, {0.1f, 20}})
    for (bool linear : {false, true}) {
      Closed f(13);
      f.reals("x", {1, 1, n}, waves(size_t(n))).reals("s", {3}, {1, 1, scale}).reals("roi", {1}, {0.5f});
      auto &r = f.last("Resize", {"x", linear ? "" : "roi", "s"});
      Closed::text(r, "mode", {linear ? "linear" : "nearest"});
      if (!linear)
        Closed::text(r, "coordinate_transformation_mode", {"asymmetric"}), Closed::text(r, "nearest_mode", {"floor"});
      add("resize_" + std::to_string(int(scale * 100)) + (linear ? "_linear" : "_nearest"), f, 1e-5);
    }
  compare();
}

TEST_F(Edges, Functions) {
  for (const char *op : {"Softmax", "LogSoftmax", "Hardmax"}) {
    Closed f(11);
    f.reals("x", {4}, waves(4));
    File::attribute(f.last(op, {"x"}), "axis", -1);
    add(op, f);
  }
  for (bool given : {false, true}) { // an attribute's default
    Closed f(17);
    f.model.set_ir_version(9);
    auto *domain = f.model.add_opset_import();
    domain->set_domain("mine"), domain->set_version(1);
    auto *function = f.model.add_functions();
    function->set_name("F"), function->set_domain("mine");
    function->add_input("a"), function->add_output("b");
    function->add_opset_import()->set_version(17);
    auto *inner = function->add_node();
    inner->set_op_type("LeakyRelu"), inner->add_input("a"), inner->add_output("b");
    auto *alpha = inner->add_attribute();
    alpha->set_name("alpha"), alpha->set_ref_attr_name("slope"), alpha->set_type(pb::AttributeProto::FLOAT);
    pb::AttributeProto otherwise;
    otherwise.set_name("slope"), otherwise.set_type(pb::AttributeProto::FLOAT), otherwise.set_f(0.5f);
    function->GetReflection()->MutableUnknownFields(function)->AddLengthDelimited(11, otherwise.SerializeAsString());
    f.reals("x", {4}, {-1, 2, -3, 4});
    auto &call = f.last("F", {"x"});
    call.set_domain("mine");
    if (given)
      Closed::numbers(call, "slope", {0.25f}, false);
    add(given ? "function_given" : "function_default", f);
  }
  compare();
}

TEST_F(Edges, Recurrent) {
  auto lstm = [&](const char *op, int64_t gates, int64_t directions, auto set) {
    Closed f(14);
    f.reals("x", {3, 2, 2}, waves(12)).reals("w", {directions, gates * 2, 2}, waves(size_t(directions * gates * 4))).reals("r", {directions, gates * 2, 2}, waves(size_t(directions * gates * 4)));
    auto &n = f.last(op, {"x", "w", "r"});
    File::attribute(n, "hidden_size", 2);
    if (directions == 2)
      Closed::text(n, "direction", {"bidirectional"});
    set(n);
    return f;
  };
  add("clip", lstm("LSTM", 4, 1, [](auto &n) { Closed::numbers(n, "clip", {0.3f}, false); }), 1e-5);
  add("alpha", lstm("LSTM", 4, 1, [](auto &n) { Closed::text(n, "activations", {"Sigmoid", "LeakyRelu", "Tanh"}), Closed::numbers(n, "activation_alpha", {0.3f}); }), 1e-5);
  add("gru_alpha", lstm("GRU", 3, 1, [](auto &n) { Closed::text(n, "activations", {"Sigmoid", "LeakyRelu"}), Closed::numbers(n, "activation_alpha", {0.3f}); }), 1e-5);
  add("two_alphas", lstm("LSTM", 4, 2, [](auto &n) {
        Closed::text(n, "activations", {"Sigmoid", "Tanh", "Tanh", "HardSigmoid", "LeakyRelu", "Tanh"});
        Closed::numbers(n, "activation_alpha", {0.3f, 0.4f}), Closed::numbers(n, "activation_beta", {0.6f});
      }), 1e-5);
  compare();
}

TEST_F(Edges, Integers) {
  add("pow", [] { Closed f(17); f.wholes("x", D::INT32, {4}, {3, 5, 7, 11}).reals("e", {4}, {.5f, .5f, .5f, .5f}).last("Pow", {"x", "e"}); return f; }());
  for (const char *op : {"Neg", "Abs"})
    add(op, [&] { Closed f(17); f.wholes("x", D::INT8, {2}, {-128, 5}).last(op, {"x"}, D::INT32); return f; }());
  for (const char *how : {"min", "max"}) {
    Closed f(18);
    f.wholes("x", D::INT32, {3}, {5, 6, 7}).wholes("i", D::INT64, {2}, {0, 1}).wholes("u", D::INT32, {2}, {INT32_MIN, 30});
    Closed::text(f.last("ScatterElements", {"x", "i", "u"}), "reduction", {how});
    add(std::string("scatter_") + how, f);
  }
  for (const char *op : {"ReduceMax", "ReduceMin"}) { // of no flags, which ONNX Runtime does not take: the smallest, the largest
    Closed f(20);
    f.model.set_ir_version(9);
    f.wholes("x", D::BOOL, {0, 2}, {}).wholes("a", D::INT64, {1}, {0});
    f.last(op, {"x", "a"});
    ir::Literal y;
    ASSERT_EQ(said(f, &y), "");
    EXPECT_EQ(y.get(0).integer, op == std::string("ReduceMin")) << op;
  }
  Wholes a{high + 5, -1, 9, high, 3, -2}, c{3, 10, high + 1, -1, 3, -2};
  for (const char *op : {"Div", "Mod", "Max", "Min", "Less", "GreaterOrEqual"}) {
    Closed f(18);
    f.wholes("a", D::UINT64, {6}, a).wholes("c", D::UINT64, {6}, c).last(op, {"a", "c"}, D::INT64);
    add(std::string("unsigned_") + op, f);
  }
  for (const char *way : {"RIGHT", "LEFT"}) {
    Closed f(18);
    f.wholes("a", D::UINT64, {6}, a).wholes("c", D::UINT64, {6}, {1, 0, 2, 63, 62, 4});
    Closed::text(f.last("BitShift", {"a", "c"}, D::INT64), "direction", {way});
    add(std::string("shift_") + way, f);
  }
  for (int to : {int(D::FLOAT), int(D::DOUBLE)}) {
    Closed f(18);
    f.wholes("a", D::UINT64, {6}, a).last("Identity", {"a"}, to);
    add("cast_" + std::to_string(to), f);
  }
  Closed f(18);
  f.reals("x", {3}, {std::ldexp(1.5f, 63), 3, std::ldexp(1.0f, 62)});
  File::attribute(f.node("Cast", {"x"}, {"u"}), "to", D::UINT64);
  f.last("Identity", {"u"}, D::INT64);
  add("cast_to", f);
  compare();
}

TEST_F(Edges, NamesAndShapes) {
  for (const char *name : {"predict", "predict_"}) {
    Closed f(17);
    f.reals("x", {2}, {1, 2}).reals(name, {2}, {3, 4}).last("Add", {"x", name});
    add(name, f);
  }
  Closed f(17); // sizes that floats were in between
  f.reals("x", {1, 1, 4, 4}, waves(16)).reals("k", {}, {2}).wholes("two", D::INT64, {}, {2}).wholes("one", D::INT64, {1}, {1}).wholes("z", D::INT64, {1}, {0});
  f.node("Shape", {"x"}, {"s"});
  f.node("Gather", {"s", "two"}, {"h"});
  File::attribute(f.node("Cast", {"h"}, {"hf"}), "to", D::FLOAT);
  f.node("Mul", {"hf", "k"}, {"m"});
  f.node("Floor", {"m"}, {"fl"});
  File::attribute(f.node("Cast", {"fl"}, {"hi"}), "to", D::INT64);
  f.node("Unsqueeze", {"hi", "z"}, {"hu"});
  File::attribute(f.node("Concat", {"one", "one", "hu", "hu"}, {"si"}), "axis", 0);
  f.last("Resize", {"x", "", "", "si"});
  add("shapes", f);
  compare();
}

/// What leaves: bodies that compare before opset 16, and nothing turned around.
TEST_F(Edges, Exports) {
  auto leave = [&](const std::string &name, const char *text, int64_t opset) {
    auto module = parse(text);
    ASSERT_TRUE(bool(module)) << name;
    compiler::OnnxOptions options;
    options.opset = opset;
    Case c{};
    c.low = -1, c.high = 1, c.lowInteger = 0, c.highInteger = 4;
    auto f = function(*module);
    auto x = inputs(f, c);
    llvm::StringMap<ir::Literal> state;
    auto y = compiler::evaluate(f, x, state);
    ASSERT_TRUE(bool(y)) << llvm::toString(y.takeError());
    std::vector<NamedLiteral> given, expected;
    for (auto [i, v] : llvm::enumerate(x))
      given.push_back({"input" + std::to_string(i), v});
    for (auto [i, v] : llvm::enumerate(*y))
      expected.push_back({"output" + std::to_string(i), v});
    auto error = compiler::saveOnnx(*module, options, folder + "/" + name + ".onnx");
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    writeCase(folder, name, name, given, expected, 1e-6);
    ++count;
  };
  for (int64_t opset : {13, 15, 16})
    leave("scan" + std::to_string(opset), R"(func.func @f(%a: tensor<3xf32>, %x: tensor<4x3xf32>) -> (tensor<3xf32>, tensor<4x3xi1>) attributes {tenon.function = "f"} {
      %c, %s = prim.scan inits(%a : tensor<3xf32>) xs(%x : tensor<4x3xf32>) length(4) {
      ^bb0(%1: tensor<3xf32>, %2: tensor<3xf32>):
        %n = prim.compare le %1, %2 : tensor<3xf32>
        %o = prim.add %1, %2 : tensor<3xf32>
        prim.yield %o, %n : tensor<3xf32>, tensor<3xi1>
      } -> tensor<3xf32>, tensor<4x3xi1>
      func.return %c, %s : tensor<3xf32>, tensor<4x3xi1>
    })", opset);
  leave("reverse", R"(func.func @f(%x: tensor<0x3xf32>) -> tensor<0x3xf32> attributes {tenon.function = "f"} {
      %n = prim.reverse %x {dimensions = array<i64: 0, 1>} : tensor<0x3xf32>
      func.return %n : tensor<0x3xf32>
    })", 13);
  compare();
}

#define EXPECT_SAYS(file, part)                                                                                                                                                       \
  do {                                                                                                                                                                                \
    std::string text = said(file);                                                                                                                                                    \
    EXPECT_NE(text.find(part), std::string::npos) << "it says: " << text;                                                                                                             \
  } while (0)

/// Few bytes that ask for much: what shapes alone make is not computed without end.
TEST(OnnxSizes, ConstantsAreNotComputedWithoutEnd) {
  Closed f(17);
  f.wholes("s", D::INT64, {2}, {4000, 4000});
  f.node("ConstantOfShape", {"s"}, {"c0"});
  std::vector<std::string> names(200);
  for (int i = 0; i < 200; ++i) {
    names[i] = "c" + std::to_string(i);
    if (i)
      f.node("CumSum", {names[i - 1].c_str(), "zero"}, {names[i].c_str()});
  }
  f.wholes("zero", D::INT64, {}, {0});
  f.last("Identity", {names.back().c_str()});
  EXPECT_EQ(said(f), "");
}

/// Few bytes that ask for more than there is.
TEST(OnnxSizes, AreRefused) {
  Closed roi(16);
  roi.reals("x", {1, 1, 4, 4}, waves(16)).reals("r", {1, 4}, {0, 0, 1, 1}).wholes("b", D::INT64, {1}, {0}).last("RoiAlign", {"x", "r", "b"});
  EXPECT_SAYS(roi, "sampling_ratio 0: how many samples a region has depends on data");
  Closed offsets(19);
  offsets.reals("x", {1, 1, 4, 4}, waves(16)).reals("w", {1, 1, 2, 2}, waves(4)).reals("o", {1, 4, 3, 3}, waves(36)).last("DeformConv", {"x", "w", "o"});
  EXPECT_SAYS(offsets, "offsets have another shape than the windows ask for");
  auto pads = [](const char *op, std::vector<const char *> in, Wholes values, Wholes kernel = {}) {
    Closed f(13);
    f.reals("x", {1, 1, 4}, waves(4)).reals("w", {1, 1, 1}, {1});
    auto &n = f.last(op, in);
    File::ints(n, "pads", values);
    if (!kernel.empty())
      File::ints(n, "kernel_shape", kernel);
    return f;
  };
  EXPECT_SAYS(pads("Conv", {"x", "w"}, {high, high}), "below 2^31");
  EXPECT_SAYS(pads("MaxPool", {"x"}, {high, high}, {1}), "below 2^31");
  EXPECT_SAYS(pads("ConvTranspose", {"x", "w"}, {high, high}), "below 2^30");
  for (auto [low, what] : std::initializer_list<std::pair<int64_t, const char *>>{{4000000000, "it would list 4000000004 places"}, {high, "negative extent"}}) {
    Closed f(13);
    f.reals("x", {4}, waves(4)).wholes("p", D::INT64, {2}, {low, 0});
    Closed::text(f.last("Pad", {"x", "p"}), "mode", {"edge"});
    EXPECT_SAYS(f, what);
  }
  Closed resize(13);
  resize.reals("x", {1, 1, 1}, {1}).reals("s", {3}, {1, 1, 2e9f}).last("Resize", {"x", "", "s"});
  EXPECT_SAYS(resize, "it would read from");
  Closed stft(17);
  stft.input("x", {1, 1000000, 1});
  stft.wholes("step", D::INT64, {}, {1}).wholes("length", D::INT64, {}, {500000}).last("STFT", {"x", "step", "", "length"});
  EXPECT_SAYS(stft, "more than it can list");
  Closed split(17);
  split.input("x", {int64_t(1) << 33});
  split.wholes("i", D::INT64, {}, {0});
  split.node("SplitToSequence", {"x"}, {"q"});
  split.last("SequenceAt", {"q", "i"});
  EXPECT_SAYS(split, "it would make 8589934592 parts");
  Closed mel(17);
  mel.wholes("bins", D::INT64, {}, {60000}).wholes("length", D::INT64, {}, {1 << 23}).wholes("rate", D::INT64, {}, {8000}).reals("low", {}, {0}).reals("high", {}, {4000});
  mel.last("MelWeightMatrix", {"bins", "length", "rate", "low", "high"});
  EXPECT_SAYS(mel, "elements");
  Closed scan(8);
  auto &n = scan.last("Scan", {});
  File::attribute(n, "num_scan_inputs", 1);
  auto *body = n.add_attribute();
  body->set_name("body"), body->set_type(pb::AttributeProto::GRAPH), body->mutable_g();
  EXPECT_SAYS(scan, "it has nothing to scan");
  Closed declared(17);
  declared.input("x", {int64_t(1) << 40, int64_t(1) << 40});
  declared.last("Shape", {"x"});
  EXPECT_SAYS(declared, "more elements than are possible");
}

} // namespace tenon::test
