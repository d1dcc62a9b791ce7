//! For tests: the simulated Ollama, book builder, temporary homes
