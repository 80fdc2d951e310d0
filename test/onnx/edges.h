// Models without inputs, imported, evaluated and compared with what ONNX Runtime gives.
#pragma once
#include "compiler/onnx/import/import.h"
#include "test/onnx/cases.h"
#include "test/onnx/file.h"
#include "test/property/cases.h"
#include "gtest/gtest.h"
#include <cmath>
#include <fstream>
#include <limits>

namespace tenon::test {
using D = pb::TensorProto;
using Reals = std::vector<float>;
using Wholes = std::vector<int64_t>;

/// A model without inputs.
struct Closed : File {
  explicit Closed(int opset) : File(opset) { graph.clear_input(); }
  Closed &reals(const char *name, std::vector<int64_t> shape, const Reals &values) {
    auto &t = initializer(name, shape);
    for (float v : values)
      t.add_float_data(v);
    return *this;
  }
  Closed &wholes(const char *name, int dtype, std::vector<int64_t> shape, const Wholes &values) {
    auto &t = initializer(name, shape, dtype);
    for (int64_t v : values)
      dtype == D::INT64 ? t.add_int64_data(v) : dtype == D::UINT64 ? t.add_uint64_data(uint64_t(v)) : t.add_int32_data(int32_t(v));
    return *this;
  }
  /// The node whose result, or its cast, is y.
  pb::NodeProto &last(const char *op, std::vector<const char *> in, int cast = 0) {
    auto &n = node(op, in, {cast ? "uncast" : "y"});
    if (cast)
      attribute(node("Cast", {"uncast"}, {"y"}), "to", cast);
    return n;
  }
  static void text(pb::NodeProto &n, const char *name, std::vector<std::string> values) {
    auto *a = n.add_attribute();
    a->set_name(name);
    a->set_type(values.size() == 1 ? pb::AttributeProto::STRING : pb::AttributeProto::STRINGS);
    if (values.size() == 1)
      a->set_s(values[0]);
    else
      for (auto &v : values)
        a->add_strings(v);
  }
  static void numbers(pb::NodeProto &n, const char *name, Reals values, bool list = true) {
    auto *a = n.add_attribute();
    a->set_name(name);
    a->set_type(list ? pb::AttributeProto::FLOATS : pb::AttributeProto::FLOAT);
    list ? void(a->mutable_floats()->Add(values.begin(), values.end())) : a->set_f(values[0]);
  }
};

/// What importing says, with inputs as they are declared; where that is nothing, what evaluating says, if its first output is asked for.
inline std::string said(const File &f, ir::Literal *y = nullptr) {
  mlir::ScopedDiagnosticHandler quiet(&context(), [](mlir::Diagnostic &) { return mlir::success(); });
  auto model = onnx::Model::parse(f.model.SerializeAsString(), "", context());
  if (!model)
    return llvm::toString(model.takeError());
  std::vector<onnx::Input> inputs;
  for (const auto &p : (*model)->inputs())
    inputs.push_back({mlir::RankedTensorType::get(*p.shape, p.element), std::nullopt});
  auto module = onnx::importModule(**model, inputs, context());
  if (!module)
    return llvm::toString(module.takeError());
  if (!y)
    return "";
  llvm::StringMap<ir::Literal> state;
  auto results = compiler::evaluate(*(*module)->getOps<mlir::func::FuncOp>().begin(), {}, state);
  if (!results)
    return llvm::toString(results.takeError());
  *y = (*results)[0];
  return "";
}

struct Edges : testing::Test {
  std::string folder = emptyFolder("edges-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  size_t count = 0;
  void add(const std::string &name, const File &f, double tolerance = 1e-6) {
    ir::Literal y;
    ASSERT_EQ(said(f, &y), "") << name;
    pb::ModelProto model = f.model;
    for (int i = 0; i < model.graph().node_size(); ++i)
      model.mutable_graph()->mutable_node(i)->set_name("node" + std::to_string(i)); // one name, one node
    std::ofstream(folder + "/" + name + ".onnx", std::ios::binary) << model.SerializeAsString();
    writeCase(folder, name, name, {}, {{"y", y}}, tolerance);
    ++count;
  }
  void compare() {
    auto answers = runCases(folder);
    EXPECT_EQ(answers.size(), count);
    for (auto &[name, text] : answers)
      EXPECT_EQ(text, "ok") << name;
  }
};
inline Reals waves(size_t n) {
  Reals values(n);
  for (size_t i = 0; i < n; ++i)
    values[i] = 1.5f * std::sin(float(7 * i + 1));
  return values;
}

} // namespace tenon::test
