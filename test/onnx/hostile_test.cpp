// Files that nobody should trust: each is an error that says what is wrong, and where; none ends the process.
#include "compiler/api/compiler.h"
#include "compiler/onnx/import/import.h"
#include "mlir/IR/OwningOpRef.h"
#include "test/onnx/file.h"
#include "gtest/gtest.h"
#include <filesystem>
#include <fstream>
#include <random>
#include <tenon/onnx/load.h>

namespace compiler = tenon::compiler;
using tenon::test::File;
namespace pb = ::onnx;
namespace fs = std::filesystem;

namespace {

mlir::MLIRContext &context() {
  static auto c = compiler::makeContext();
  return *c;
}

/// What loading and importing says; "" where all went well.
std::string said(llvm::StringRef bytes, const std::string &folder = "") {
  mlir::ScopedDiagnosticHandler quiet(&context(), [](mlir::Diagnostic &) { return mlir::success(); });
  auto model = tenon::onnx::Model::parse(bytes, folder, context());
  if (!model)
    return llvm::toString(model.takeError());
  std::vector<tenon::onnx::Input> inputs;
  for (const auto &p : (*model)->inputs()) {
    if (!p.element || !p.shape || llvm::any_of(*p.shape, [](int64_t d) { return d < 0 || d > 64; }))
      return "an input that this test does not give";
    inputs.push_back({mlir::RankedTensorType::get(*p.shape, p.element), std::nullopt});
  }
  auto module = tenon::onnx::importModule(**model, inputs, context());
  return module ? "" : llvm::toString(module.takeError());
}
std::string said(const File &f, const std::string &folder = "") { return said(f.model.SerializeAsString(), folder); }

#define EXPECT_SAYS(file, part)                                                                                                            \
  do {                                                                                                                                     \
    std::string text = said(file);                                                                                                         \
    EXPECT_NE(text.find(part), std::string::npos) << "it says: " << text;                                                                  \
  } while (0)

TEST(OnnxHostile, AFileThatIsFine) {
  File f;
  f.node("Relu", {"x"}, {"y"});
  EXPECT_EQ(said(f), "");
}

TEST(OnnxHostile, TruncatedAtEveryLength) {
  File f;
  f.initializer("w", {2, 3}).set_raw_data(std::string(24, 'a'));
  f.node("Add", {"x", "w"}, {"z"});
  f.node("Relu", {"z"}, {"y"});
  std::string bytes = f.model.SerializeAsString();
  int errors = 0;
  for (size_t n = 0; n < bytes.size(); ++n)
    errors += !said(llvm::StringRef(bytes).take_front(n)).empty();
  EXPECT_GT(errors, int(bytes.size()) / 2); // a prefix may be a smaller model
}

TEST(OnnxHostile, FlippedBits) {
  File f;
  f.initializer("w", {3, 3, 2, 2}).set_raw_data(std::string(144, 'a'));
  f.input("image", {1, 3, 8, 8});
  auto &conv = f.node("Conv", {"image", "w"}, {"c"});
  File::ints(conv, "strides", {1, 2});
  auto &pool = f.node("MaxPool", {"c"}, {"p"});
  File::ints(pool, "kernel_shape", {2, 2});
  f.initializer("axes", {1}, pb::TensorProto::INT64).add_int64_data(0);
  f.node("Squeeze", {"p", "axes"}, {"s"});
  f.node("Softmax", {"x"}, {"y"});
  std::string bytes = f.model.SerializeAsString();
  std::mt19937 random(1);
  int errors = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = bytes;
    for (int k = 0; k < 1 + i % 3; ++k)
      damaged[random() % damaged.size()] ^= char(1 << random() % 8);
    errors += !said(damaged).empty();
  }
  EXPECT_GT(errors, 500);
}

TEST(OnnxHostile, NotAModel) {
  EXPECT_SAYS(llvm::StringRef(""), "no ONNX model");
  EXPECT_SAYS(llvm::StringRef("hello, this is text"), "no ONNX model");
  auto absent = tenon::onnx::Model::load("/nowhere/net.onnx", context());
  EXPECT_NE(llvm::toString(absent.takeError()).find("/nowhere/net.onnx: "), std::string::npos);
  EXPECT_NE(llvm::toString(tenon::onnx::Model::load("/tmp", context()).takeError()).find("no file"), std::string::npos);
}

TEST(OnnxHostile, Names) {
  File cycle;
  cycle.node("Add", {"x", "b"}, {"a"});
  cycle.node("Relu", {"a"}, {"b"});
  EXPECT_SAYS(cycle, "node 'the_Add' (Add): it reads 'b', which nothing before it makes");
  File missing;
  missing.node("Relu", {"nothing"}, {"y"});
  EXPECT_SAYS(missing, "node 'the_Relu' (Relu): it reads 'nothing'");
  File twice;
  twice.node("Relu", {"x"}, {"y"});
  twice.node("Tanh", {"x"}, {"y"});
  EXPECT_SAYS(twice, "node 'the_Tanh' (Tanh): it makes 'y', which is there already");
  File inputs;
  inputs.input("x", {1});
  EXPECT_SAYS(inputs, "input 'x' is there twice");
  File initializers;
  initializers.initializer("w", {}).add_float_data(1);
  initializers.initializer("w", {}).add_float_data(1);
  EXPECT_SAYS(initializers, "initialiser 'w' is there twice");
  File output;
  EXPECT_SAYS(output, "it reads 'y'");
}

TEST(OnnxHostile, OpsAndVersions) {
  File op;
  op.node("Frobnicate", {"x"}, {"y"});
  EXPECT_SAYS(op, "node 'the_Frobnicate' (Frobnicate): no rule imports this op of opset 17");
  File refused;
  refused.node("Unique", {"x"}, {"y"});
  EXPECT_SAYS(refused, "node 'the_Unique' (Unique): it is refused: the shape of its result depends on data");
  File domain;
  domain.node("Relu", {"x"}, {"y"}).set_domain("com.example");
  EXPECT_SAYS(domain, "the model imports no opset of its domain 'com.example'");
  File newer(26);
  newer.node("Relu", {"x"}, {"y"});
  EXPECT_SAYS(newer, "its opset is 26; 1 to 25 are known");
  File old(7);
  old.node("Gelu", {"x"}, {"y"});
  EXPECT_SAYS(old, "no rule imports this op of opset 7");
}

TEST(OnnxHostile, Attributes) {
  File kind;
  auto *a = kind.node("Softmax", {"x"}, {"y"}).add_attribute();
  a->set_name("axis");
  a->set_type(pb::AttributeProto::FLOAT);
  a->set_f(1);
  EXPECT_SAYS(kind, "node 'the_Softmax' (Softmax): attribute 'axis' must be of kind int, it is float");
  File axis;
  File::attribute(axis.node("Softmax", {"x"}, {"y"}), "axis", 7);
  EXPECT_SAYS(axis, "axis 7 does not exist in 2 dimensions");
  File perm;
  File::ints(perm.node("Transpose", {"x"}, {"y"}), "perm", {0, 0});
  EXPECT_SAYS(perm, "perm is no permutation");
  File conv;
  conv.input("w", {1, 3, 2, 2});
  conv.input("image", {1, 3, 4, 4});
  File::ints(conv.node("Conv", {"image", "w"}, {"y"}), "strides", {0, 1});
  EXPECT_SAYS(conv, "node 'the_Conv' (Conv): kernel, strides and dilations must be positive");
  File types;
  types.input("n", {2, 3}, pb::TensorProto::INT64);
  types.node("Add", {"x", "n"}, {"y"});
  EXPECT_SAYS(types, "node 'the_Add' (Add): its operands are of float and of int64");
  File shapes;
  shapes.input("z", {2, 4});
  shapes.node("Add", {"x", "z"}, {"y"});
  EXPECT_SAYS(shapes, "shapes [2, 3] and [2, 4] do not broadcast");
  File operand;
  operand.node("Add", {"x"}, {"y"});
  EXPECT_SAYS(operand, "operand 1 is missing");
}

TEST(OnnxHostile, Sizes) {
  File huge;
  huge.initializer("w", {int64_t(1) << 40, int64_t(1) << 40}).set_raw_data("1234");
  EXPECT_SAYS(huge, "tensor 'w': a shape of 2 dimensions has more elements than are possible here");
  File negative;
  negative.initializer("w", {-1}).set_raw_data("1234");
  EXPECT_SAYS(negative, "negative extent");
  File few;
  few.initializer("w", {2, 3}).set_raw_data("1234");
  EXPECT_SAYS(few, "tensor 'w': its shape needs 24 bytes of data, the file has 4");
  File typed;
  typed.initializer("w", {2}).add_float_data(1);
  EXPECT_SAYS(typed, "its shape has 2 elements, the file has 1");
  File large;
  for (int64_t v : {int64_t(1) << 20, int64_t(1) << 20})
    large.graph.initializer_size() ? void(large.graph.mutable_initializer(0)->add_int64_data(v)) : void(large.initializer("s", {2}, pb::TensorProto::INT64).add_int64_data(v));
  large.node("ConstantOfShape", {"s"}, {"y"});
  EXPECT_SAYS(large, "node 'the_ConstantOfShape' (ConstantOfShape): a shape of 2 dimensions has more elements");
  File reshape;
  reshape.initializer("s", {1}, pb::TensorProto::INT64).add_int64_data(7);
  reshape.node("Reshape", {"x", "s"}, {"y"});
  EXPECT_SAYS(reshape, "6 elements do not fit into the new shape");
  File strings;
  strings.initializer("w", {1}, pb::TensorProto::STRING).add_string_data("a");
  EXPECT_SAYS(strings, "elements of type string have no form in Tenon");
}

TEST(OnnxHostile, Depth) {
  File f;
  auto *g = &f.graph;
  f.initializer("yes", {}, pb::TensorProto::BOOL).add_int32_data(1);
  for (int i = 0; i < 200; ++i) {
    auto &n = File::node(*g, "If", {"yes"}, {"y"});
    auto *a = n.add_attribute();
    a->set_name("then_branch");
    a->set_type(pb::AttributeProto::GRAPH);
    g = a->mutable_g();
    g->add_output()->set_name("y");
  }
  EXPECT_NE(said(f), "");
  File function;
  function.model.add_opset_import()->set_domain("mine");
  auto *self = function.model.add_functions();
  self->set_name("F");
  self->set_domain("mine");
  self->add_input("a");
  self->add_output("b");
  auto *call = self->add_node();
  call->set_op_type("F");
  call->set_domain("mine");
  call->add_input("a");
  call->add_output("b");
  function.node("F", {"x"}, {"y"}).set_domain("mine");
  EXPECT_SAYS(function, "functions call each other more than 64 deep");
}

TEST(OnnxHostile, DepthOfNames) {
  File f;
  std::string name;
  for (int i = 0; i < 60000; ++i)
    name += "a.";
  f.initializer((name + "w").c_str(), {2, 3}).set_raw_data(std::string(24, 'a'));
  f.node("Add", {"x", (name + "w").c_str()}, {"y"});
  std::string path = testing::TempDir() + "/depth_of_names_" + std::to_string(getpid()) + ".onnx";
  std::ofstream(path, std::ios::binary) << f.model.SerializeAsString();
  auto net = tenon::onnx::load(path);
  fs::remove(path);
  EXPECT_EQ(net->modules().size(), 65u); // itself and 64 levels
  std::replace(name.begin() + 128, name.end(), '.', '_');
  EXPECT_EQ(net->named_parameters().keys(), std::vector<std::string>{name + "w"});
}

TEST(OnnxHostile, ExternalData) {
  fs::path folder = fs::path(testing::TempDir()) / ("tenon_external_" + std::to_string(getpid()));
  fs::create_directories(folder / "inside");
  std::ofstream(folder / "inside" / "w.bin") << std::string(24, '\0');
  std::ofstream(folder / "secret") << std::string(24, '\0');
  fs::create_symlink(folder / "secret", folder / "inside" / "link");
  auto with = [&](const std::string &location, const char *offset = nullptr, const char *length = nullptr) {
    File f;
    auto &t = f.initializer("w", {2, 3});
    t.set_data_location(pb::TensorProto::EXTERNAL);
    auto set = [&](const char *key, const std::string &value) {
      auto *e = t.add_external_data();
      e->set_key(key);
      e->set_value(value);
    };
    set("location", location);
    if (offset)
      set("offset", offset);
    if (length)
      set("length", length);
    f.node("Add", {"x", "w"}, {"y"});
    return said(f, (folder / "inside").string());
  };
  EXPECT_EQ(with("w.bin"), "");
  EXPECT_EQ(with("w.bin", "0", "24"), "");
  for (const char *path : {"../secret", "/etc/passwd", "a/../../secret"})
    EXPECT_NE(with(path).find("leaves the model's folder"), std::string::npos) << path << ": " << with(path);
  EXPECT_NE(with("link").find("is a link that leaves"), std::string::npos) << with("link");
  EXPECT_NE(with("absent").find("is no file"), std::string::npos);
  EXPECT_NE(with(".").find("is no file"), std::string::npos);
  EXPECT_NE(with("w.bin", "4").find("has 24 bytes; 24 from 4 on"), std::string::npos) << with("w.bin", "4");
  EXPECT_NE(with("w.bin", "18446744073709551615").find("has 24 bytes"), std::string::npos);
  EXPECT_NE(with("w.bin", "x").find("no number for an offset"), std::string::npos);
  EXPECT_NE(with("w.bin", "0", "12").find("declares 12 bytes"), std::string::npos);
  EXPECT_NE(with("w.bin", "0", "-5").find("no number for a length"), std::string::npos);
  fs::remove_all(folder);
}

} // namespace
