"""Files to pictures and back: what Unveil does not change stays as it was."""
