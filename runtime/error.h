// Failures: a status and one sentence, kept per thread.
#pragma once
#include "runtime/tenon.h"

namespace tenon::rt {

/// Stores the formatted sentence for tenon_last_error() and returns `status`.
[[gnu::format(printf, 2, 3), gnu::cold]] tenon_status fail(tenon_status status, const char *format, ...);
[[gnu::cold]] tenon_status outOfMemory();

} // namespace tenon::rt

#define TENON_TRY(expression)                                                                                                              \
  do {                                                                                                                                     \
    if (tenon_status tried = (expression); tried != TENON_OK)                                                                              \
      return tried;                                                                                                                        \
  } while (0)
