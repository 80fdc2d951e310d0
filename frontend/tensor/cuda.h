// What a program asks about GPUs.
#pragma once
#include <cstdint>

namespace tenon::cuda {

/// How many GPUs can be used; 0 where there is no driver.
int64_t device_count();
bool is_available();
/// Runs what is pending on this thread; steps have ended when they return.
void synchronize(int64_t device_index = -1);

} // namespace tenon::cuda
