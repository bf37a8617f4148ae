"""Recipes: data and configurations of models that this package trains end to end. Start with `emoji.py`.

A recipe fetches its data itself, makes the same files from it every time, and names everything that decides a result.
"""
