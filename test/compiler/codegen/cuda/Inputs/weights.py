"""A function that adds to 64 KiB of state."""
numbers = "".join(f"{(i * 2654435761) % 2**31 >> 8 | 0x3f000000:08X}" for i in range(16384))
print(f"""prim.state @w : tensor<16384xf32> = dense<"0x{numbers}"> : tensor<16384xf32>
func.func @f(%x: tensor<16384xf32>) attributes {{tenon.function = "f"}} {{
  %w = prim.read @w : tensor<16384xf32>
  %0 = prim.add %w, %x : tensor<16384xf32>
  prim.write @w, %0 : tensor<16384xf32>
  return
}}""")
