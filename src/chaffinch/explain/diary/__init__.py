"""The diary: what happened to a task's experience, day by day, each line with its evidence."""
