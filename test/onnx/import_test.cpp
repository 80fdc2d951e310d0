// Loops whose steps data decides, and large elements that stay in the file: imported, and run by the evaluator.
#include "compiler/api/compiler.h"
#include "compiler/evaluate/evaluate.h"
#include "compiler/onnx/import/import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "test/onnx/file.h"
#include "gtest/gtest.h"
#include <cstring>

using tenon::ir::Literal;
using tenon::test::File;
namespace pb = ::onnx;
using D = pb::TensorProto;

namespace {

mlir::MLIRContext &context() {
  static auto c = tenon::compiler::makeContext();
  return *c;
}
Literal reals(std::vector<int64_t> shape, std::vector<double> values) {
  auto l = Literal::zeros(mlir::RankedTensorType::get(shape, mlir::Float32Type::get(&context())));
  for (size_t i = 0; i < values.size(); ++i)
    l.set(int64_t(i), {.real = values[i]});
  return l;
}
Literal number(int64_t value) {
  auto l = Literal::zeros(mlir::RankedTensorType::get({}, mlir::IntegerType::get(&context(), 64)));
  l.set(0, {.integer = value});
  return l;
}
/// The first output's numbers, or what is said instead.
struct Result {
  std::vector<double> values;
  std::vector<int64_t> shape;
  std::string said, ir;
};
Result run(const std::string &bytes, std::vector<Literal> inputs) {
  Result r;
  auto model = tenon::onnx::Model::parse(bytes, "", context());
  if (!model) {
    r.said = llvm::toString(model.takeError());
    return r;
  }
  std::vector<tenon::onnx::Input> types;
  for (auto &l : inputs)
    types.push_back({l.type, std::nullopt});
  auto module = tenon::onnx::importModule(**model, types, context());
  if (!module) {
    r.said = llvm::toString(module.takeError());
    return r;
  }
  llvm::raw_string_ostream(r.ir) << **module;
  llvm::StringMap<Literal> state;
  auto results = tenon::compiler::evaluate(*(*module)->getOps<mlir::func::FuncOp>().begin(), inputs, state);
  if (!results) {
    r.said = llvm::toString(results.takeError());
    return r;
  }
  if (results->empty())
    return r;
  const Literal &y = (*results)[0];
  for (int64_t i = 0; i < y.type.getNumElements(); ++i)
    r.values.push_back(llvm::isa<mlir::FloatType>(y.type.getElementType()) ? y.get(i).real : double(y.get(i).integer));
  r.shape.assign(y.type.getShape().begin(), y.type.getShape().end());
  return r;
}
Result run(const File &f, std::vector<Literal> inputs) { return run(f.model.SerializeAsString(), std::move(inputs)); }

/// y = Loop(count, going, x): its body doubles the carry, says whether the result is below `limit`, and stacks what it began with.
struct Doubling : File {
  pb::GraphProto *body;
  Doubling(const char *count, const char *going, double limit, bool stacks, const char *op = "Add") {
    input("count", {}, D::INT64);
    auto *loop = &node("Loop", {count, going, "x"}, {stacks ? "last" : "y"});
    if (stacks)
      loop->add_output("y");
    auto *a = loop->add_attribute();
    a->set_name("body"), a->set_type(pb::AttributeProto::GRAPH);
    body = a->mutable_g();
    for (auto *name : {"i", "before", "v"})
      body->add_input()->set_name(name);
    auto &twice = node(*body, op, {"v", "v"}, {"twice"});
    if (std::string(op) == "Concat")
      File::attribute(twice, "axis", 0);
    if (limit > 0) {
      auto *bound = body->add_initializer();
      bound->set_name("limit"), bound->set_data_type(D::FLOAT), bound->add_float_data(float(limit));
      File::attribute(node(*body, "ReduceSum", {"twice"}, {"sum"}), "keepdims", 0);
      node(*body, "Less", {"sum", "limit"}, {"more"});
    } else {
      node(*body, "Identity", {"before"}, {"more"});
    }
    for (auto *name : {"more", "twice"})
      body->add_output()->set_name(name);
    if (stacks) {
      node(*body, "Identity", {"v"}, {"v_"});
      body->add_output()->set_name("v_");
    }
  }
  void known(const char *name, int64_t value) {
    auto &t = initializer(name, {}, D::INT64);
    t.add_int64_data(value);
  }
};
const std::vector<double> six{1, 2, 3, 4, 5, 6};
std::vector<double> times(double factor) {
  auto v = six;
  for (double &e : v)
    e *= factor;
  return v;
}

TEST(OnnxLoop, DataSaysHowManySteps) {
  Doubling f("count", "", 0, false);
  for (int64_t n : {0, 1, 5, 40}) {
    auto r = run(f, {reals({2, 3}, six), number(n)});
    EXPECT_EQ(r.said, "");
    EXPECT_EQ(r.values, times(std::ldexp(1, int(n)))) << n;
    EXPECT_NE(r.ir.find("prim.while"), std::string::npos);
  }
  EXPECT_EQ(run(f, {reals({2, 3}, six), number(-3)}).values, six);
}

TEST(OnnxLoop, DataSaysWhenItEnds) {
  for (auto *count : {"", "count", "most"}) {
    Doubling f(count, "", 1000, false);
    f.known("most", 4);
    auto r = run(f, {reals({2, 3}, six), number(3)});
    EXPECT_EQ(r.said, "") << count;
    // 21 doubled until it is no longer below 1000: six times.
    EXPECT_EQ(r.values, times(count == std::string() ? 64 : count == std::string("count") ? 8 : 16)) << count;
  }
}

TEST(OnnxLoop, ManyStepsAreAScanAndStack) {
  Doubling f("most", "", 0, true);
  f.known("most", 50);
  auto r = run(f, {reals({2, 3}, six), number(0)});
  EXPECT_EQ(r.said, "");
  EXPECT_EQ(r.shape, (std::vector<int64_t>{50, 2, 3}));
  EXPECT_EQ(r.values[6 * 49], std::ldexp(1, 49));
  EXPECT_NE(r.ir.find("prim.scan"), std::string::npos);
  Doubling few("most", "", 0, true);
  few.known("most", 3);
  r = run(few, {reals({2, 3}, six), number(0)});
  EXPECT_EQ(r.shape, (std::vector<int64_t>{3, 2, 3}));
  EXPECT_EQ(r.ir.find("prim.scan"), std::string::npos);
  Doubling none("most", "", 0, true);
  none.known("most", 0);
  EXPECT_EQ(run(none, {reals({2, 3}, six), number(0)}).shape, (std::vector<int64_t>{0, 2, 3}));
}

TEST(OnnxLoop, WhatCannotBe) {
  Doubling stacks("", "", 1000, true);
  EXPECT_NE(run(stacks, {reals({2, 3}, six), number(0)}).said.find("with it the shape of output 1"), std::string::npos);
  Doubling counted("count", "", 0, true);
  EXPECT_NE(run(counted, {reals({2, 3}, six), number(0)}).said.find("input 'count' decides"), std::string::npos);
  Doubling forever("", "", 0, false);
  EXPECT_NE(run(forever, {reals({2, 3}, six), number(0)}).said.find("it never ends"), std::string::npos) << run(forever, {reals({2, 3}, six), number(0)}).said;
  Doubling grows("most", "", 0, false, "Concat");
  grows.known("most", 2);
  EXPECT_EQ(run(grows, {reals({2, 3}, six), number(0)}).shape, (std::vector<int64_t>{8, 3}));
  Doubling endless("", "", 1000, false, "Concat");
  EXPECT_NE(run(endless, {reals({2, 3}, six), number(0)}).said.find("carry 0 changes its shape"), std::string::npos);
}

/// y = x + w with w of 100 x 200 numbers, in the file's second part.
std::pair<std::string, std::string> large(std::string raw) {
  File f;
  f.graph.clear_input();
  f.input("x", {});
  f.node("Add", {"x", "w"}, {"y"});
  pb::ModelProto second;
  auto *w = second.mutable_graph()->add_initializer();
  w->set_name("w"), w->set_data_type(D::FLOAT), w->add_dims(100), w->add_dims(200);
  *w->mutable_raw_data() = std::move(raw);
  return {f.model.SerializeAsString(), second.SerializeAsString()};
}

TEST(OnnxLarge, ElementsAreReadWhereTheyLie) {
  std::string raw(80000, 0);
  for (int i = 0; i < 20000; ++i) {
    auto v = float(i);
    std::memcpy(raw.data() + 4 * i, &v, 4);
  }
  auto [first, second] = large(raw);
  auto r = run(first + second, {reals({}, {0.5})});
  EXPECT_EQ(r.said, "");
  ASSERT_EQ(r.values.size(), 20000u);
  EXPECT_EQ(r.values[12345], 12345.5);
  EXPECT_NE(r.ir.find("dense_resource"), std::string::npos);
  EXPECT_EQ(run(second + first, {reals({}, {0.5})}).values, r.values);
}

TEST(OnnxLarge, Damaged) {
  auto [first, second] = large(std::string(80004, 'a'));
  EXPECT_NE(run(first + second, {reals({}, {1})}).said.find("needs 80000 bytes of data, the file has 80004"), std::string::npos);
  std::tie(first, second) = large(std::string(80000, 'a'));
  std::string whole = first + second;
  EXPECT_EQ(run(whole, {reals({}, {1})}).said, "");
  for (size_t n : {whole.size() - 1, whole.size() - 70000, first.size() + 10, first.size() + 3, first.size() + 1})
    EXPECT_NE(run(whole.substr(0, n), {reals({}, {1})}).said, "") << n;
  // Every bit of what stands before the elements.
  for (size_t bit = 0; bit < 8 * (whole.size() - 80000); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] ^= char(1 << bit % 8);
    (void)run(damaged, {reals({}, {1})});
  }
  // Of two fields of raw data the last counts: protobuf reads such a tensor.
  pb::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(second));
  std::string tensor = model.graph().initializer(0).SerializeAsString(), more(1, char(D::kRawDataFieldNumber << 3 | 2));
  more += std::string("\x04", 1) + "abcd";
  auto field = [](int number, const std::string &bytes) {
    std::string head(1, char(number << 3 | 2));
    for (size_t n = bytes.size(); ; n >>= 7) {
      head.push_back(char(n > 127 ? (n & 127) | 128 : n));
      if (n <= 127)
        return head + bytes;
    }
  };
  std::string twice = field(pb::ModelProto::kGraphFieldNumber, field(pb::GraphProto::kInitializerFieldNumber, tensor + more));
  EXPECT_NE(run(first + twice, {reals({}, {1})}).said.find("needs 80000 bytes of data, the file has 4"), std::string::npos);
}

} // namespace
