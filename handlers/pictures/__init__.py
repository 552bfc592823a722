"""Pictures the bot draws itself, with a font of its own: the same words give the same bytes. See apart.py for how."""
