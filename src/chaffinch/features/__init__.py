"""From content to numbers: sparse rows of hashed features, and what each of them stands for."""
