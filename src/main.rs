//! The thin binary: arguments to the terminal program, a plain command, or the embedded registry.

fn main() {}
