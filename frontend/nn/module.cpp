// The tree of modules: registration, traversal, modes and the values of its state.
#include "frontend/nn/module.h"
#include "frontend/tensor/record.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <typeinfo>

namespace tenon::nn {
namespace {

std::string join(const std::string &prefix, const std::string &name) { return prefix.empty() || name.empty() ? prefix + name : prefix + "." + name; }

/// "NetImpl" as "Net", without namespaces.
std::string class_name(const std::type_info &type) {
  int status = 0;
  std::unique_ptr<char, void (*)(void *)> text(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  std::string name = status == 0 ? text.get() : type.name();
  if (size_t at = name.substr(0, name.find('<')).rfind("::"); at != std::string::npos)
    name = name.substr(at + 2);
  return name.ends_with("Impl") ? name.substr(0, name.size() - 4) : name;
}

} // namespace

Module::Module() : Module(std::string()) {}
Module::Module(std::string name) : name_(std::move(name)), place_(new Place), is_training_(new bool(true)) {}
Module::Module(const Module &other)
    : std::enable_shared_from_this<Module>(), name_(other.name_), parameters_(other.parameters_), buffers_(other.buffers_),
      children_(other.children_), place_(new Place), is_training_(new bool(*other.is_training_)) {}
Module &Module::operator=(const Module &other) {
  name_ = other.name_;
  parameters_ = other.parameters_;
  buffers_ = other.buffers_;
  children_ = other.children_;
  *is_training_ = *other.is_training_;
  return *this;
}

const std::string &Module::name() const {
  if (name_.empty())
    name_ = class_name(typeid(*this));
  return name_;
}

std::string Module::path() const {
  std::string path;
  for (const Place *place = place_.get(); place->parent; place = place->parent.get())
    path = join(place->name, path);
  return path;
}

std::shared_ptr<Module> Module::clone(const std::optional<Device> &) const {
  throw Error("clone: " + name() + " cannot copy itself: derive it from nn::Cloneable<" + name() + "Impl> and register everything in reset()");
}

// -- Registration --

void Module::check_name(const char *kind, const std::string &name, Location loc) const {
  place_->root = class_name(typeid(*this)); // known here, in the constructor of the class itself
  std::string what = std::string(kind) + " of " + this->name() + ": ";
  if (name.empty())
    throw Error(what + "the name is empty", loc);
  if (name.find('.') != std::string::npos)
    throw Error(what + "the name '" + name + "' holds a dot", loc);
  if (parameters_.contains(name) || buffers_.contains(name) || children_.contains(name))
    throw Error(what + "the name '" + name + "' is taken", loc);
}

void Module::name_state(const std::string &name, const Tensor &tensor) const {
  record::add_state_name(tensor, [place = place_, name] {
    std::string path = name;
    const Place *at = place.get();
    for (; at->parent; at = at->parent.get())
      path = at->name + "." + path;
    return record::StateName{path, at->root, at};
  });
}

Tensor &Module::register_parameter(std::string name, Tensor tensor, bool requires_grad, Location loc) {
  check_name("register_parameter", name, loc);
  if (tensor.defined()) {
    if (requires_grad && !tensor.is_floating_point())
      throw Error("register_parameter: '" + name + "' is " + tenon::name(tensor.scalar_type()) + ", only floating point has gradients", loc);
    tensor.requires_grad_(requires_grad, loc);
    name_state(name, tensor);
  }
  return parameters_.insert(std::move(name), std::move(tensor));
}

Tensor &Module::register_buffer(std::string name, Tensor tensor, Location loc) {
  check_name("register_buffer", name, loc);
  if (tensor.defined())
    name_state(name, tensor);
  return buffers_.insert(std::move(name), std::move(tensor));
}

void Module::add_child(std::string name, std::shared_ptr<Module> module, Location loc) {
  check_name("register_module", name, loc);
  if (!module)
    throw Error("register_module of " + this->name() + ": '" + name + "' is empty", loc);
  if (module.get() == this)
    throw Error("register_module of " + this->name() + ": '" + name + "' is the module itself", loc);
  if (!module->place_->parent) { // a module that two share keeps its first name
    module->place_->name = name;
    module->place_->parent = place_;
  }
  children_.insert(std::move(name), std::move(module));
}

void Module::unregister_module(const std::string &name, Location loc) {
  std::shared_ptr<Module> *child = children_.find(name);
  if (!child)
    throw Error("unregister_module: " + this->name() + " has no submodule '" + name + "'", loc);
  if ((*child)->place_->parent == place_)
    (*child)->place_->parent = nullptr;
  children_.erase(name);
}

// -- Traversal --

template <typename Self, typename Visit> void Module::walk(Self &self, const std::string &name, Visit &&visit) {
  visit(name, self);
  for (auto &child : self.children_)
    walk(static_cast<Self &>(*child.value()), join(name, child.key()), visit);
}

OrderedDict<std::string, Tensor> Module::named_parameters(bool recurse) const {
  OrderedDict<std::string, Tensor> result("Parameter");
  TensorList seen;
  auto collect = [&](const std::string &prefix, const Module &module) {
    for (const auto &item : module.parameters_) {
      bool repeated = std::any_of(seen.begin(), seen.end(), [&](const Tensor &t) { return t.is_same(item.value()); });
      if (!item->defined() || repeated)
        continue;
      seen.push_back(item.value());
      result.insert(join(prefix, item.key()), item.value());
    }
  };
  recurse ? walk(*this, {}, collect) : collect({}, *this);
  return result;
}

OrderedDict<std::string, Tensor> Module::named_buffers(bool recurse) const {
  OrderedDict<std::string, Tensor> result("Buffer");
  auto collect = [&](const std::string &prefix, const Module &module) {
    for (const auto &item : module.buffers_)
      if (item->defined())
        result.insert(join(prefix, item.key()), item.value());
  };
  recurse ? walk(*this, {}, collect) : collect({}, *this);
  return result;
}

OrderedDict<std::string, std::shared_ptr<Module>> Module::named_modules(const std::string &name_prefix, bool include_self) const {
  OrderedDict<std::string, std::shared_ptr<Module>> result("Submodule");
  auto &self = const_cast<Module &>(*this);
  walk(self, name_prefix, [&](const std::string &name, Module &module) {
    if (&module != this)
      result.insert(name, module.shared_from_this());
    else if (include_self) {
      if (weak_from_this().expired())
        throw Error("named_modules: " + this->name() + " is not held by a module holder or shared_ptr, so it cannot list itself");
      result.insert(name, self.shared_from_this());
    }
  });
  return result;
}

std::vector<std::shared_ptr<Module>> Module::modules(bool include_self) const { return named_modules({}, include_self).values(); }

void Module::apply(const ModuleApplyFunction &function) {
  walk(*this, {}, [&](const std::string &, Module &module) { function(module); });
}
void Module::apply(const ConstModuleApplyFunction &function) const {
  walk(*this, {}, [&](const std::string &, const Module &module) { function(module); });
}
void Module::apply(const NamedModuleApplyFunction &function, const std::string &name_prefix) {
  walk(*this, name_prefix, [&](const std::string &name, Module &module) { function(name, module); });
}

// -- Modes and values --

void Module::train(bool on) {
  for (auto &child : children_)
    child.value()->train(on);
  *is_training_ = on;
}

bool Module::is_training() const {
  if (record::is_capturing())
    record::guard(is_training_, "the train/eval mode of a module changed");
  return *is_training_;
}

void Module::zero_grad(bool set_to_none) {
  for (const Tensor &parameter : parameters())
    if (set_to_none)
      parameter.reset_grad();
    else if (parameter.grad().defined())
      parameter.mutable_grad() = zeros_like(parameter);
}

OrderedDict<std::string, Tensor> Module::state_dict() const {
  OrderedDict<std::string, Tensor> state("State");
  walk(*this, {}, [&](const std::string &prefix, const Module &module) {
    for (const auto *dict : {&module.parameters_, &module.buffers_})
      for (const auto &item : *dict)
        if (item->defined())
          state.insert(join(prefix, item.key()), item.value());
  });
  return state;
}

void Module::load_state_dict(const OrderedDict<std::string, Tensor> &state, bool strict, Location loc) {
  OrderedDict<std::string, Tensor> own = state_dict();
  std::string wrong;
  for (const auto &item : own)
    if (const Tensor *value = state.find(item.key()); !value)
      wrong += strict ? "; missing " + item.key() + " " + record::shape_text(item->sizes()) : "";
    else if (!(value->sizes() == item->sizes()))
      wrong += "; " + item.key() + ": expected " + record::shape_text(item->sizes()) + ", came " + record::shape_text(value->sizes());
  if (strict)
    for (const auto &item : state)
      if (!own.contains(item.key()))
        wrong += "; unexpected " + item.key();
  if (!wrong.empty())
    throw Error("load_state_dict of " + name() + ": " + wrong.substr(2), loc);
  NoGradGuard guard;
  for (const auto &item : own)
    if (const Tensor *value = state.find(item.key()))
      item->copy_(*value, false, loc);
}

std::shared_ptr<Module> Module::adopt(Module *copy, void (*reset)(Module &), const Module &from, const std::optional<Device> &device) {
  std::shared_ptr<Module> owner(copy);
  copy->parameters_.clear();
  copy->buffers_.clear();
  copy->children_.clear();
  copy->computed_.clear();
  reset(*copy);
  copy->copy_values(from, device);
  return owner;
}

void Module::copy_values(const Module &from, const std::optional<Device> &device) {
  NoGradGuard guard;
  OrderedDict<std::string, Tensor> values = from.state_dict();
  for (const auto &item : values)
    if (item->is_floating_point()) {
      to(item->scalar_type()); // a module has one dtype of floating point, which Module::to gave it
      break;
    }
  if (device || !values.is_empty())
    to(device ? *device : values.begin()->value().device());
  for (const auto &item : state_dict())
    item->copy_(values[item.key()]);
  *is_training_ = *from.is_training_;
}

// -- Printing --

void Module::pretty_print(std::ostream &stream) const { stream << name(); }

void Module::print(std::ostream &stream, const std::string &indentation) const {
  pretty_print(stream);
  if (children_.is_empty())
    return;
  stream << "(\n";
  for (const auto &child : children_) {
    stream << indentation << "  (" << child.key() << "): ";
    child.value()->print(stream, indentation + "  ");
    stream << '\n';
  }
  stream << indentation << ")";
}

std::ostream &operator<<(std::ostream &stream, const Module &module) {
  module.print(stream, {});
  return stream;
}

} // namespace tenon::nn
