// StateNames: what the state of an optimizer or scheduler is called in an artifact. Internal.
//   optimizer.lr   optimizer.lr/1 (second group)   optimizer.step   optimizer.exp_avg/fc1.weight
// A second optimizer over parameters of the same model is optimizer2.
#pragma once
#include <tenon/tensor/tensor.h>

#include <memory>
#include <string>

namespace tenon::optim {

class StateNames : public std::enable_shared_from_this<StateNames> {
public:
  static std::shared_ptr<StateNames> make(std::string kind);
  /// `parameter` says which model the state belongs to.
  void name(const Tensor &slot, const Tensor &parameter, std::string name);
  /// "<name>/<the parameter's name>", or its number where it has none.
  void name_moment(const Tensor &slot, const Tensor &parameter, std::string name, size_t number);

private:
  explicit StateNames(std::string kind) : kind_(std::move(kind)) {}
  std::string prefix() const;
  std::string kind_;
  Tensor anchor_; // a parameter of the model
};

} // namespace tenon::optim
