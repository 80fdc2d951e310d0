// The plan's structures and the public API side by side. abi.h calls one grid of a kernel tenon_call, and the API has a function of
// that name: here the structure is tenon_plan_call.
#pragma once
#define tenon_call tenon_plan_call
#include "runtime/abi.h"
#undef tenon_call
#include "runtime/tenon.h"
