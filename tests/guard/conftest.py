from hypothesis import settings

# The machine may be busy, and a figure must not depend on the day.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
