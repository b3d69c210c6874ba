"""Assets of phase corpus: documents, filtered corpus, quality, privacy and the data documents."""
