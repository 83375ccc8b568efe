//! The matchers of the engine `substrings`, each alone.

fn main() {
    divan::main();
}
