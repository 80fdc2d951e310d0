from twin import *
import importlib.util

spec = importlib.util.spec_from_file_location("recipe", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gpt.py"))
recipe = importlib.util.module_from_spec(spec)
spec.loader.exec_module(recipe)
recipe.LENGTH, recipe.WIDTH, recipe.LAYERS, recipe.HEADS = 8, 16, 2, 4

write(__file__, lambda: recipe.Gpt(11), lambda net: torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1),
      lambda s: (s.labels(24, 11).view(3, 8), s.labels(24, 11).view(3, 8)), minimise(lambda net, x, y: net.loss(x, y)))
