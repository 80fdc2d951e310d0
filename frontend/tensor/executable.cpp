// Running artifacts through the runtime's C interface, like any other program would.
#include "frontend/tensor/program.h"
#include "runtime/tenon.h"

namespace tenon::detail {
namespace {

void check(tenon_status status) {
  if (status != TENON_OK)
    throw Error(tenon_last_error());
}

class Artifact : public Executable {
public:
  explicit Artifact(const std::string &path) {
    check(tenon_model_load(path.c_str(), &model_));
    tenon_model_info info;
    check(tenon_model_describe(model_, &info));
    tenon_options options{};
    options.device = device_ = llvm::StringRef(info.target).starts_with("cuda") ? 1 : 0;
    check(tenon_state_create_on(model_, device_, &state_));
    check(tenon_context_create(model_, &options, &context_));
  }
  ~Artifact() override {
    tenon_context_free(context_);
    tenon_state_free(state_);
    tenon_model_free(model_);
  }
  void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) override {
    std::lock_guard lock(mutex_);
    if (device_)
      return run_on_device(slots, inputs, outputs);
    bound_.resize(slots.size());
    for (uint32_t i = 0; i < slots.size(); ++i)
      if (bound_[i] != slots[i]) {
        check(tenon_state_bind(state_, i, slots[i]));
        bound_[i] = slots[i];
      }
    check(tenon_run(context_, state_, 0, inputs, outputs));
  }

private:
  /// Tensors are in host memory: what a step reads goes to the device before it, and comes back after it.
  void run_on_device(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) {
    for (uint32_t i = 0; i < slots.size(); ++i) {
      tenon_state_info info;
      check(tenon_state_describe(model_, i, &info));
      check(tenon_state_set(state_, info.tensor.name, slots[i], size_t(info.tensor.bytes)));
    }
    check(tenon_run(context_, state_, 0, inputs, outputs));
    for (uint32_t i = 0; i < slots.size(); ++i) {
      tenon_state_info info;
      check(tenon_state_describe(model_, i, &info));
      check(tenon_state_get(state_, info.tensor.name, slots[i], size_t(info.tensor.bytes)));
    }
  }

  uint32_t device_ = 0;
  tenon_model *model_ = nullptr;
  tenon_state *state_ = nullptr;
  tenon_context *context_ = nullptr;
  std::vector<void *> bound_;
  std::mutex mutex_;
};

} // namespace

std::shared_ptr<Executable> open_artifact(const std::string &path) { return std::make_shared<Artifact>(path); }

} // namespace tenon::detail
