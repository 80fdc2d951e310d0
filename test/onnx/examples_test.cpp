// What the example programs saved when they ran (TENON_EXAMPLE_ONNX): ONNX Runtime gives their numbers, at two batch sizes.
#include "frontend/examples/example.h"
#include "test/onnx/literals.h"
#include "gtest/gtest.h"
#include <filesystem>
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
    if (program != "dynamic" && program != "style") // below; its convolutions have as many groups as the batch, which ONNX has fixed
      for (auto *size : {"-3", "-7"})
        EXPECT_TRUE(wanted.count(program + size)) << "the example " << program << " saved no model";
}

/// Its graph depends on the data: no one graph is its model.
TEST(OnnxExamples, ANetworkThatReadsItsNumbersIsRefusedWithItsLine) {
  dynamic::DynamicNet net;
  try {
    onnx::save(net, folder + "/dynamic.onnx", {zeros({4, 8})});
    FAIL() << "dynamic.onnx was written";
  } catch (const Error &e) {
    std::string said = e.what();
    EXPECT_NE(said.find("dynamic.cpp:16"), std::string::npos) << said;
    EXPECT_NE(said.find("cond"), std::string::npos) << said;
  }
}

} // namespace tenon::test
