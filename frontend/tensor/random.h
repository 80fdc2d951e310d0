// Draws that are noted, and drawn again.
#pragma once
#include "frontend/tensor/recorder.h"

namespace tenon::detail {

/// What was taken of the generator; replaying: what is taken next time.
struct Draws {
  std::vector<record::Draw> taken;
  bool replaying = false;
  size_t next = 0;
  Draws *outer = nullptr;
};
/// While it lives, this thread's draws are noted in `draws`, or taken from there.
class DrawScope {
public:
  explicit DrawScope(Draws &draws);
  ~DrawScope();
  DrawScope(const DrawScope &) = delete;

private:
  Draws *draws_;
};

} // namespace tenon::detail
