"""The whole main job on real data that ships inside the package."""
