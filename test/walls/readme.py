"""The program that README.md shows."""
import os, re


def program():
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "README.md")) as f:
        return re.search(r"```cpp\n(.*?)```", f.read(), re.S).group(1).replace("<tenon/tenon.h>", "<tenon/torch.h>")
