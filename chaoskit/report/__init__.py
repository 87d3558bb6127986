"""Shows a finished result, as one offline page and as the terminal's table. Computes nothing, reads nothing of a run.

``words`` and the tables beside it hold every sentence once, so that the page and the terminal tell the same story.
"""
