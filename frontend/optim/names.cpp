// Names are made when they are asked for: until then a module may still move in its tree.
#include "frontend/optim/names.h"
#include "frontend/tensor/record.h"

#include <mutex>

namespace tenon::optim {
namespace {
std::mutex registry_mutex;
std::vector<std::weak_ptr<const StateNames>> registry; // in the order in which they were made
} // namespace

std::shared_ptr<StateNames> StateNames::make(std::string kind) {
  std::shared_ptr<StateNames> names(new StateNames(std::move(kind)));
  std::lock_guard lock(registry_mutex);
  std::erase_if(registry, [](const auto &entry) { return entry.expired(); });
  registry.push_back(names);
  return names;
}

std::string StateNames::prefix() const {
  const void *root = record::state_name(anchor_).root_identity;
  size_t position = 1;
  std::lock_guard lock(registry_mutex);
  for (const auto &entry : registry) {
    std::shared_ptr<const StateNames> other = entry.lock();
    if (other.get() == this)
      break;
    if (other && other->kind_ == kind_ && other->anchor_.defined() && record::state_name(other->anchor_).root_identity == root)
      ++position;
  }
  return position == 1 ? kind_ : kind_ + std::to_string(position);
}

void StateNames::name(const Tensor &slot, const Tensor &parameter, std::string name) {
  if (!anchor_.defined())
    anchor_ = parameter;
  record::add_state_name(slot, [self = shared_from_this(), name = std::move(name)] {
    record::StateName owner = record::state_name(self->anchor_);
    return record::StateName{self->prefix() + "." + name, owner.root, owner.root_identity};
  });
}

void StateNames::name_moment(const Tensor &slot, const Tensor &parameter, std::string name, size_t number) {
  if (!anchor_.defined())
    anchor_ = parameter;
  record::add_state_name(slot, [self = shared_from_this(), parameter, name = std::move(name), number] {
    record::StateName owner = record::state_name(parameter);
    std::string whose = owner.path.empty() ? std::to_string(number) : owner.path;
    return record::StateName{self->prefix() + "." + name + "/" + whose, owner.root, owner.root_identity};
  });
}

} // namespace tenon::optim
