//! The passes of the engine `words`, each alone.

fn main() {
    divan::main();
}
