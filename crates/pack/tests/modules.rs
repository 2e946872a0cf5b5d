//! Modules are restored from their texts, byte for byte; what is no module or no text is refused.

#[path = "../../logitdraw/tests/common/cases.rs"]
mod cases;

use cases::same_cases;
use logitdraw_pack::{pack, unpack};
use proptest::collection::vec;
use proptest::prelude::*;
use std::process::Command;

const PREAMBLE: [u8; 8] = *b"\0asm\x01\0\0\0";
const CODE: u8 = 10;

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len() as u64), content].concat()
}

/// Returns a code section of functions, and adds the `end` of each.
fn code(functions: &[Vec<u8>]) -> Vec<u8> {
    let mut content = leb(functions.len() as u64);
    for instructions in functions {
        let body = [&[1, 3, 0x7f][..], instructions, &[0x0b]].concat();
        content.extend([leb(body.len() as u64), body].concat());
    }
    section(CODE, &content)
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [&PREAMBLE[..], &sections.concat()].concat()
}

/// An instruction of any kind, with arbitrary operands.
fn instruction() -> impl Strategy<Value = Vec<u8>> {
    let number = || any::<u32>().prop_map(|value| leb(u64::from(value >> (value % 32))));
    let plain = prop_oneof![0x00..=0x01_u8, Just(0x0f_u8), 0x1a..=0x1b_u8, 0x45..=0xc4_u8];
    let numbered = prop_oneof![0x0c..=0x0d_u8, Just(0x10_u8), 0x20..=0x24_u8, 0x3f..=0x42_u8];
    let vectors = prop_oneof![14..=20_u64, 35..=83_u64, 94..=255_u64];
    prop_oneof![
        plain.prop_map(|opcode| vec![opcode]),
        (numbered, number()).prop_map(|(opcode, n)| [vec![opcode], n].concat()),
        (0x28..=0x3e_u8, any::<u8>(), number()).prop_map(|(opcode, alignment, offset)| [
            vec![opcode, alignment],
            offset
        ]
        .concat()),
        (0x02..=0x04_u8, any::<u8>()).prop_map(|(opcode, kind)| vec![opcode, kind & 0x7f, 0x0b]),
        Just(vec![0x04, 0x40, 0x05, 0x0b]),
        vec(number(), 1..40).prop_map(|labels| {
            let count = leb(labels.len() as u64 - 1);
            [vec![0x0e], count, labels.concat()].concat()
        }),
        (number(), number()).prop_map(|(kind, table)| [vec![0x11], kind, table].concat()),
        any::<[u8; 4]>().prop_map(|bits| [&[0x43][..], &bits].concat()),
        any::<[u8; 8]>().prop_map(|bits| [&[0x44][..], &bits].concat()),
        (0..8_u8).prop_map(|which| vec![0xfc, which]),
        (prop_oneof![Just(8_u8), Just(10)], number(), number())
            .prop_map(|(which, a, b)| [vec![0xfc, which], a, b].concat()),
        (prop_oneof![Just(9_u8), Just(11)], number()).prop_map(|(which, a)| [vec![0xfc, which], a].concat()),
        vectors.prop_map(|which| [vec![0xfd], leb(which)].concat()),
        (prop_oneof![Just(12_u8), Just(13)], any::<[u8; 16]>())
            .prop_map(|(which, bits)| [&[0xfd, which][..], &bits].concat()),
        (prop_oneof![0..=11_u8, 92..=93_u8], number(), number()).prop_map(|(which, alignment, offset)| [
            vec![0xfd, which],
            alignment,
            offset
        ]
        .concat()),
        (21..=34_u8, any::<u8>()).prop_map(|(which, lane)| vec![0xfd, which, lane]),
        (84..=91_u8, number(), number(), any::<u8>()).prop_map(|(which, alignment, offset, lane)| [
            vec![0xfd, which],
            alignment,
            offset,
            vec![lane]
        ]
        .concat()),
    ]
}

fn any_module() -> impl Strategy<Value = Vec<u8>> {
    let others = vec(((0..10_u8), vec(any::<u8>(), 0..300)), 0..4);
    let functions = vec(vec(instruction(), 0..60).prop_map(|list| list.concat()), 0..8);
    (others.clone(), functions, others).prop_map(|(before, functions, after)| {
        let plain = |list: Vec<(u8, Vec<u8>)>| list.iter().map(|(id, bytes)| section(*id, bytes)).collect::<Vec<_>>();
        module(&[plain(before), vec![code(&functions)], plain(after)].concat())
    })
}

proptest! {
    #![proptest_config(same_cases())]

    #[test]
    fn modules_round_trip_as_text_that_needs_no_escaping(module in any_module()) {
        let text = pack(&module).expect("a valid module");
        prop_assert_eq!(unpack(text.as_bytes()), Some(module));
        // No letter has to be escaped in quotes.
        prop_assert!(text.bytes().all(|letter| matches!(letter, b'%'..=b'~') && !matches!(letter, b'"' | b'\\' | b'`' | b'$')));
    }

    #[test]
    fn a_truncated_text_is_refused_and_an_altered_one_terminates(
        module in any_module(),
        at: prop::sample::Index,
        letter in 0..=255_u8,
    ) {
        let mut text = pack(&module).unwrap().into_bytes();
        let at = at.index(text.len());
        prop_assert_eq!(unpack(&text[..at]), None);
        // Must neither panic nor run forever.
        text[at] = letter;
        let _ = unpack(&text);
    }
}

#[test]
fn repeated_content_packs_into_few_letters() {
    let letters = |module: &[u8]| pack(module).unwrap().len();
    let empty = letters(&module(&[]));
    // A letter has 6 bits, a byte that nothing predicts has 8.
    let mut state = 1_u32;
    let noise = [(); 3000].map(|()| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let foretold_by_nothing = letters(&module(&[section(1, &noise)])) - empty;
    assert!((4000..4800).contains(&foretold_by_nothing), "{foretold_by_nothing}");
    let text = b"nine words, a thousand times: ".repeat(100);
    assert!(letters(&module(&[section(1, &text)])) - empty < 100);
    let function = [0x20, 0, 0x41, 0x80, 0x01, 0x6a, 0x28, 2, 8, 0x21, 1].repeat(3);
    let [one, many] = [1, 200].map(|times| letters(&module(&[code(&vec![function.clone(); times])])));
    assert!(many - one < 200, "{one} letters for a function, {many} for 200");
}

#[test]
fn function_body_sizes_round_trip() {
    for length in [0, 122, 123, 124, 16_378, 16_379, 16_380] {
        let module = module(&[code(&[vec![0x01; length], vec![]])]);
        assert_eq!(unpack(pack(&module).unwrap().as_bytes()), Some(module), "{length}");
    }
}

#[test]
fn modules_that_would_not_round_trip_are_refused() {
    assert_eq!(pack(b"\0asm"), None, "truncated");
    assert_eq!(pack(&module(&[code(&[vec![0x06]])])), None, "an unknown instruction");
    let with_body = |size: &[u8]| module(&[section(CODE, &[&[1], size, &[0, 0x0b]].concat())]);
    assert!(pack(&with_body(&[2])).is_some());
    assert!(pack(&with_body(&[0x82, 0])).is_some(), "a size in more bytes than necessary");
    assert_eq!(pack(&with_body(&[3])), None, "a wrong size");
    assert_eq!(pack(&vec![0; 1 << 24]), None, "a length beyond the text format");
    assert_eq!(unpack(b""), None);
}

#[test]
fn the_program_packs_a_file_and_reports_errors() {
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_logitdraw-pack")).args(arguments).output().unwrap();
    let directory = std::env::temp_dir().join(format!("logitdraw-pack-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let bytes = module(&[code(&[vec![0x01; 9]])]);
    std::fs::write(path("good"), &bytes).unwrap();
    std::fs::write(path("bad"), module(&[code(&[vec![0xff]])])).unwrap();
    assert!(run(&[&path("good"), &path("text")]).status.success());
    let text = std::fs::read_to_string(path("text")).unwrap();
    assert_eq!(unpack(text.as_bytes()), Some(bytes));
    for bad in ["bad", "nothing"] {
        let output = run(&[&path(bad), &path("text")]);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).starts_with(&path(bad)));
    }
    assert_eq!(run(&[]).status.code(), Some(2));
    std::fs::remove_dir_all(&directory).unwrap();
}
