// What the example programs saved when they ran (TENON_EXAMPLE_ONNX): ONNX Runtime gives their numbers, at two batch sizes; and loaded and saved again, they are the same.
#include "compiler/onnx/proto.h"
#include "frontend/examples/example.h"
#include "test/onnx/literals.h"
#include "gtest/gtest.h"
#include <tenon/onnx/load.h>
#include <filesystem>
#include <fstream>
#include <set>

#define main torch_mnist_main
#include "frontend/examples/torch_mnist.cpp"
#undef main
namespace dynamic {
#define main dynamic_main
#include "frontend/examples/dynamic.cpp"
#undef main
} // namespace dynamic

namespace fs = std::filesystem;
using namespace tenon;
namespace tenon::test {
namespace {

const std::string folder = TENON_BINARY_DIR "/test/onnx/examples";

std::vector<std::string> filesOf(const std::string &where, const std::string &extension) {
  std::vector<std::string> names;
  for (auto &file : fs::directory_iterator(where))
    if (file.path().extension() == extension)
      names.push_back(file.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// All that a file says, but for the user's lines and the order of initialisers.
::onnx::ModelProto modelIn(const std::string &path) {
  ::onnx::ModelProto model;
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(model.ParseFromIstream(&in)) << path;
  std::function<void(::onnx::GraphProto &)> clear = [&](::onnx::GraphProto &graph) {
    for (auto &node : *graph.mutable_node()) {
      node.clear_doc_string();
      for (auto &attribute : *node.mutable_attribute())
        if (attribute.has_g())
          clear(*attribute.mutable_g());
    }
  };
  clear(*model.mutable_graph());
  auto *tensors = model.mutable_graph()->mutable_initializer(); // the order of initialisers means nothing
  std::sort(tensors->pointer_begin(), tensors->pointer_end(), [](auto *a, auto *b) { return a->name() < b->name(); });
  return model;
}
std::string difference(const ::onnx::ModelProto &a, const ::onnx::ModelProto &b) {
  if (a.SerializeAsString() == b.SerializeAsString())
    return "";
  for (int i = 0; i < std::min(a.graph().node_size(), b.graph().node_size()); ++i)
    if (a.graph().node(i).SerializeAsString() != b.graph().node(i).SerializeAsString())
      return "node " + std::to_string(i) + " of " + std::to_string(a.graph().node_size()) + ": " + a.graph().node(i).ShortDebugString() + "\nbecomes " + b.graph().node(i).ShortDebugString();
  return std::to_string(a.graph().node_size()) + " nodes become " + std::to_string(b.graph().node_size()) + ", or an initialiser, an input or an output differs";
}

} // namespace

TEST(OnnxExamples, RunByOnnxRuntime) {
  // A LibTorch program knows no onnx::save: its network leaves from here.
  setenv("TENON_EXAMPLE_ONNX", folder.c_str(), 1);
  auto net = std::make_shared<Net>();
  example::save_onnx("torch_mnist", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
  for (auto &name : filesOf(folder, ".json"))
    fs::remove(folder + "/" + name + ".json");
  std::set<std::string> wanted, ran;
  for (auto &name : filesOf(folder, ".safetensors")) {
    std::vector<NamedLiteral> given, expected;
    for (auto &item : load_tensors(folder + "/" + name + ".safetensors"))
      (item.key().starts_with("input") ? given : expected).push_back({item.key(), literal(item.value())});
    writeCase(folder, name, name.substr(0, name.rfind('-')), given, expected, 1e-5);
    wanted.insert(name);
  }
  for (auto &[name, said] : runCases(folder)) {
    ran.insert(name);
    EXPECT_EQ(said, "ok") << name;
  }
  EXPECT_EQ(ran, wanted) << "tools/test makes " << TENON_ONNX_PYTHON;
  for (auto &program : filesOf(TENON_SOURCE_DIR "/frontend/examples", ".cpp"))
    for (auto *size : {"-3", "-7"})
      EXPECT_TRUE(wanted.count(program + size)) << "the example " << program << " saved no model";
}

TEST(OnnxExamples, ExportedImportedExportedIsTheSame) {
  std::string again = emptyFolder("examples_again");
  for (auto &name : filesOf(folder, ".onnx")) {
    TensorList inputs;
    for (auto &item : load_tensors(folder + "/" + name + "-3.safetensors"))
      if (item.key().starts_with("input"))
        inputs.push_back(item.value());
    try {
      auto first = folder + "/" + name + ".onnx", second = again + "/" + name + ".onnx";
      onnx::save(onnx::load(first), second, inputs);
      EXPECT_EQ(difference(modelIn(first), modelIn(second)), "") << name;
    } catch (const Error &e) {
      ADD_FAILURE() << name << ": " << e.what();
    }
  }
}

/// Its graph depends on the data: no one graph is its model. What leaves is a path of it, which the example names.
TEST(OnnxExamples, ANetworkThatReadsItsNumbersIsRefusedWithItsLine) {
  dynamic::DynamicNet net;
  try {
    onnx::save(net, folder + "/refused.onnx", {zeros({4, 8})});
    FAIL() << "a model was written";
  } catch (const Error &e) {
    std::string said = e.what();
    EXPECT_NE(said.find("dynamic.cpp:15"), std::string::npos) << said;
    EXPECT_NE(said.find("cond"), std::string::npos) << said;
  }
}

} // namespace tenon::test
