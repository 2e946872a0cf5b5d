//! `contexts MODULE` looks for contexts that make a module's text shorter than those in `contexts.rs`, changing one digit at a time, for
//! some minutes, and prints tables that may be put there, each better than the last.

use logitdraw_pack::{CONTEXTS, Contexts, KINDS, SEEN, SUITABLE, packed};

fn main() {
    let path = std::env::args().nth(1).expect("usage: contexts MODULE");
    let module = std::fs::read(path).expect("a file");
    let letters = |contexts: &Contexts| packed(&module, contexts).expect("a module").len();
    let mut contexts = SUITABLE;
    let mut fewest = letters(&contexts);
    let mut kinds: Vec<usize> = (0..KINDS).collect();
    loop {
        let before = fewest;
        eprintln!("{fewest} letters");
        kinds.retain(|kind| {
            let mut occurs = false;
            for (at, digit) in (0..CONTEXTS).flat_map(|at| (0..4).map(move |digit| (at, 4 * digit))) {
                for thing in 0..SEEN as u16 {
                    let mut others = contexts;
                    others[*kind][at] = contexts[*kind][at] & !(15 << digit) | thing << digit;
                    let letters = letters(&others);
                    occurs |= letters != fewest;
                    if letters < fewest {
                        (contexts, fewest) = (others, letters);
                    }
                }
                if !occurs {
                    break;
                }
            }
            occurs
        });
        if fewest == before {
            break;
        }
        for [first, second, third] in contexts {
            println!("    [{first:#06x}, {second:#06x}, {third:#06x}],");
        }
        println!();
    }
}
