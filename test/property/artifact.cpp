#include "test/property/artifact.h"
#include "compiler/api/compiler.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "test/property/cases.h"
#include "gtest/gtest.h"
#include <filesystem>

using namespace mlir;
namespace tenon::test {

Artifact::Artifact(const std::string &text, const std::string &target) : Artifact(*parse(text), target) {}

Artifact::Artifact(ModuleOp module, const std::string &target) {
  device = target.starts_with("cuda") ? 1 : 0;
  setenv("TENON_LIBNVRTC", TENON_FAKE_NVRTC, 0), setenv("TENON_LIBCUDA", TENON_FAKE_CUDA, 0);
  std::string path = testing::TempDir() + "tenon_property_" + std::to_string(getpid()) + ".so", text;
  llvm::raw_string_ostream(text) << module; // compiling takes it apart
  llvm::Error error = compiler::compileModule(module, {.target = target}, path);
  if (error) {
    ADD_FAILURE() << llvm::toString(std::move(error)) << "\n" << text;
    return;
  }
  EXPECT_EQ(tenon_model_load(path.c_str(), &model), TENON_OK) << tenon_last_error();
  std::filesystem::remove(path);
  tenon_options options{};
  options.device = device;
  if (model)
    EXPECT_EQ(tenon_context_create(model, &options, &runs), TENON_OK) << tenon_last_error();
}

Artifact::~Artifact() {
  tenon_context_free(runs);
  tenon_model_free(model);
}

void Artifact::call(const std::string &function, const std::vector<tenon_array> &in, std::vector<tenon_array> out, const std::string &text) {
  tenon_state *state = nullptr;
  ASSERT_EQ(tenon_state_create_on(model, device, &state), TENON_OK) << tenon_last_error();
  EXPECT_EQ(tenon_call(runs, state, function.c_str(), in.data(), in.size(), out.data(), out.size()), TENON_OK) << tenon_last_error() << "\n" << text;
  tenon_state_free(state);
}

} // namespace tenon::test
