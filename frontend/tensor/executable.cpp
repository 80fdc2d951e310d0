// Running artifacts through the runtime's C interface, like any other program would.
#include "compiler/api/compiler.h"
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
  Artifact() = default; // what throws below frees what there is
  Artifact(const std::string &path, DeviceNumber device) : Artifact() {
    check(tenon_model_load(path.c_str(), &model_));
    tenon_model_info info;
    check(tenon_model_describe(model_, &info));
    tenon_options options{};
    options.device = device_ = !tenon_image_count(model_) ? 0 : compiler::devicesOf(info.target).cpu ? device : std::max(device, 1u);
    check(tenon_state_create_on(model_, device_, &state_));
    check(tenon_context_create(model_, &options, &context_));
  }
  ~Artifact() override {
    tenon_context_free(context_);
    tenon_state_free(state_);
    tenon_model_free(model_);
  }
  void run(llvm::ArrayRef<RunSlot> slots, llvm::ArrayRef<RunInput> inputs, llvm::ArrayRef<Storage *> outputs) override {
    std::lock_guard lock(mutex_);
    places_.clear();
    for (auto &slot : slots)
      places_.push_back(slot.storage->at(device_, slot.written ? Use::Change : Use::Read));
    given_.clear();
    for (auto &input : inputs) // what is on the host only is sent there by the run
      given_.push_back(input.bytes ? input.bytes : input.storage->at(input.storage->on_a_gpu() ? device_ : 0, Use::Read));
    results_.clear();
    for (auto *output : outputs)
      results_.push_back(output->at(device_, Use::Replace));
    bind(places_);
    auto status = tenon_run(context_, state_, 0, given_.data(), results_.data());
    if (status == TENON_ERROR_MEMORY && device_) { // what tensors have left over may do
      give_back(device_);
      status = tenon_run(context_, state_, 0, given_.data(), results_.data());
    }
    std::string said = tenon_last_error();
    for (auto &slot : slots)
      if (slot.written && status != TENON_ERROR_DEVICE)
        slot.storage->written(device_);
    if (status != TENON_OK)
      throw Error(said);
  }
  void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) override {
    std::lock_guard lock(mutex_);
    if (!device_) {
      bind(slots);
      return check(tenon_run(context_, state_, 0, inputs, outputs));
    }
    // To the GPU and back: the verifier's copies.
    bind(std::vector<void *>(slots.size()));
    each(slots, [&](const char *name, void *data, size_t bytes) { check(tenon_state_set(state_, name, data, bytes)); });
    check(tenon_run(context_, state_, 0, inputs, outputs));
    each(slots, [&](const char *name, void *data, size_t bytes) { check(tenon_state_get(state_, name, data, bytes)); });
  }

private:
  void bind(llvm::ArrayRef<void *> places) {
    bound_.resize(places.size());
    for (uint32_t i = 0; i < places.size(); ++i)
      if (bound_[i] != places[i]) {
        check(tenon_state_bind(state_, i, places[i]));
        bound_[i] = places[i];
      }
  }
  template <class Visit> void each(llvm::ArrayRef<void *> slots, Visit visit) {
    for (uint32_t i = 0; i < slots.size(); ++i) {
      tenon_state_info info;
      check(tenon_state_describe(model_, i, &info));
      visit(info.tensor.name, slots[i], size_t(info.tensor.bytes));
    }
  }

  DeviceNumber device_ = 0;
  tenon_model *model_ = nullptr;
  tenon_state *state_ = nullptr;
  tenon_context *context_ = nullptr;
  std::vector<void *> bound_, places_, results_;
  std::vector<const void *> given_;
  std::mutex mutex_;
};

} // namespace

void Executable::run(llvm::ArrayRef<RunSlot> slots, llvm::ArrayRef<RunInput> inputs, llvm::ArrayRef<Storage *> outputs) {
  std::vector<void *> places, results;
  std::vector<const void *> given;
  for (auto &slot : slots)
    places.push_back(slot.storage->host(slot.written ? Use::Change : Use::Read));
  for (auto &input : inputs)
    given.push_back(input.bytes ? input.bytes : input.storage->host());
  for (auto *output : outputs)
    results.push_back(output->host(Use::Replace));
  run(places, given.data(), results.data());
}

std::shared_ptr<Executable> open_artifact(const std::string &path, DeviceNumber device) { return std::make_shared<Artifact>(path, device); }

} // namespace tenon::detail
