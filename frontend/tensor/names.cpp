// Names of slots in an artifact's state table, asked for when it is saved.
#include "frontend/tensor/impl.h"

namespace tenon::record {

using namespace detail;

namespace {
const ImplPtr &slot_of(const Tensor &t) {
  auto &p = impl("state", t, Location::current());
  return p->view ? p->view->base : p;
}
} // namespace

void add_state_name(const Tensor &slot, StateNamer namer) {
  Lock lock;
  slot_of(slot)->names.push_back(std::move(namer));
}
StateName state_name(const Tensor &slot) {
  Lock lock;
  for (auto &namer : slot_of(slot)->names)
    if (auto name = namer(); !name.path.empty())
      return name;
  return {};
}

} // namespace tenon::record
