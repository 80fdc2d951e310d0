// `--evaluate`: lets a test run the numbers.
#pragma once
namespace tenon {
/// Evaluates every function without arguments and prints its results: `name: dense<...> : tensor<...>`. State begins anew for each.
void registerEvaluatePass();
} // namespace tenon
