// save and load: tensors, modules and optimizers as safetensors files, which Python reads too. A file is replaced as a whole or not at all.
#pragma once
#include <tenon/nn/holder.h>
#include <tenon/optim/optimizer.h>
#include <tenon/ordered_dict.h>

#include <string>
#include <vector>

namespace tenon {

/// Named tensors. Errors name the file.
void save(const OrderedDict<std::string, Tensor> &tensors, const std::string &path, Location loc = Location::current());
OrderedDict<std::string, Tensor> load_tensors(const std::string &path, Location loc = Location::current());

/// One tensor, or a list of them.
void save(const Tensor &tensor, const std::string &path, Location loc = Location::current());
void load(Tensor &tensor, const std::string &path, Location loc = Location::current());
void save(const std::vector<Tensor> &tensors, const std::string &path, Location loc = Location::current());
void load(std::vector<Tensor> &tensors, const std::string &path, Location loc = Location::current());

/// A module's state_dict, or an optimizer's. Loading throws Error when names or shapes differ, and changes nothing then.
void save(const nn::Module &module, const std::string &path, Location loc = Location::current());
void load(nn::Module &module, const std::string &path, Location loc = Location::current());
void save(const optim::Optimizer &optimizer, const std::string &path, Location loc = Location::current());
void load(optim::Optimizer &optimizer, const std::string &path, Location loc = Location::current());

template <typename M> void save(const std::shared_ptr<M> &module, const std::string &path, Location loc = Location::current()) {
  save(static_cast<const nn::Module &>(*module), path, loc);
}
template <typename M> void load(const std::shared_ptr<M> &module, const std::string &path, Location loc = Location::current()) {
  load(static_cast<nn::Module &>(*module), path, loc);
}
template <typename M> void save(const nn::ModuleHolder<M> &module, const std::string &path, Location loc = Location::current()) {
  save(static_cast<const nn::Module &>(*module), path, loc);
}
template <typename M> void load(nn::ModuleHolder<M> &module, const std::string &path, Location loc = Location::current()) {
  load(static_cast<nn::Module &>(*module), path, loc);
}

} // namespace tenon
