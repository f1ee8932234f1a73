"""Why a verdict, and what was learned: so that people learn too."""
