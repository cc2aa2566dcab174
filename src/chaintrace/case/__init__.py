"""The assembler: question, seeds, evidence, labels and parameters, and the answers made of them."""
