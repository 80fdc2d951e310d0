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
    check(tenon_state_create(model_, &state_));
    check(tenon_context_create(model_, nullptr, &context_));
  }
  ~Artifact() override {
    tenon_context_free(context_);
    tenon_state_free(state_);
    tenon_model_free(model_);
  }
  void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) override {
    std::lock_guard lock(mutex_);
    bound_.resize(slots.size());
    for (uint32_t i = 0; i < slots.size(); ++i)
      if (bound_[i] != slots[i]) {
        check(tenon_state_bind(state_, i, slots[i]));
        bound_[i] = slots[i];
      }
    check(tenon_run(context_, state_, 0, inputs, outputs));
  }

private:
  tenon_model *model_ = nullptr;
  tenon_state *state_ = nullptr;
  tenon_context *context_ = nullptr;
  std::vector<void *> bound_;
  std::mutex mutex_;
};

} // namespace

std::shared_ptr<Executable> open_artifact(const std::string &path) { return std::make_shared<Artifact>(path); }

} // namespace tenon::detail
