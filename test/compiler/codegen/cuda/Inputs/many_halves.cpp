// Asks the prelude's copy_eight for the last elements of tensors of these sizes.
int main() {
  bf16 to[8], from[9];
  for (int i = 0; i < 9; ++i) from[i] = bf16{(unsigned short)(i + 1)};
  const bf16 *odd = from + ((unsigned long long)from % 4 == 0); // what is not aligned arrives at once
  const long long exist[] = {1ll << 32, 1ll << 31, (1ll << 32) + 3, 8, 3, 0, -1, -(1ll << 32)};
  const int wanted[] = {8, 8, 8, 8, 3, 0, 0, 0};
  for (int n = 0; n < 8; ++n) {
    copy_eight(to, odd, exist[n]);
    for (int i = 0; i < 8; ++i)
      if (to[i].word != (i < wanted[n] ? odd[i].word : 0)) return 1 + n;
  }
  return 0;
}
