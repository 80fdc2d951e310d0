// The machine's peak of fused multiply-add in float32, measured: what bounds a step of contractions.
#pragma once

/// GFLOP/s of `threads` threads at once, the best of some thirty milliseconds; 0 where the CPU has no fma.
double fma_peak(int threads);
