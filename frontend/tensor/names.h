// Names of slots in an artifact's state table. Modules and optimizers give them; a program may name tensors of its own.
#pragma once
#include "tensor.h"
#include <functional>
#include <string>

namespace tenon::record {

/// The path of a slot in an artifact's state table ("fc1.weight"), asked for when it is saved. Several names: the first
/// owns the storage, others alias it (tied weights). `root` names the model, and is put in front ("Net/fc1.weight") when
/// two roots have the same path. An empty path: the name no longer holds.
struct StateName {
  std::string path;
  std::string root = {};
  const void *root_identity = nullptr;
};
using StateNamer = std::function<StateName()>;
void add_state_name(const Tensor &slot, StateNamer namer);
/// The first name that holds, or "" (for names made from others: "optimizer.exp_avg/" + state_name(p)).
StateName state_name(const Tensor &slot);

} // namespace tenon::record
