"""Where a training can be exported to; nothing is exported unless somebody asks."""
