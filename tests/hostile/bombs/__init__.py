"""Files that mean harm, made by the byte: one module a format. Each has `FILES`, by name: what makes its bytes."""
