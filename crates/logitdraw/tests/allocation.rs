//! After construction and a first draw, `sample` allocates nothing; only the history grows, by doubling, and `reset` gives that back.

mod common;

use common::json::options;
use common::rows::{Random, rows};
use common::scratch::{Scratch, sampler};
use logitdraw::{Algorithm, Options, Order, Request, Sampler, Source};
use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which counts the allocations of each thread, their bytes, and how many bytes are held.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    BYTES.set(BYTES.get() + bytes);
    HELD.set(HELD.get() + bytes as isize);
}

fn count_freed(bytes: usize) {
    HELD.set(HELD.get() - bytes as isize);
}

// SAFETY: every call is forwarded unchanged; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller upholds the contract that the system's allocator requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        count_freed(layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count_freed(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

type Set = fn(&mut Options);

/// Returns how often `f` allocates.
fn allocations(f: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    f();
    ALLOCATIONS.get() - before
}

#[test]
fn draws_allocate_only_to_grow_the_history() {
    let sets: [(&str, Set); 8] = [
        ("everything off", |_| ()),
        ("greedy", |o| o.temperature = 0.0),
        ("top-k", |o| (o.top_k, o.temperature) = (40, 0.8)),
        ("top-p", |o| (o.top_p, o.temperature) = (0.95, 0.8)),
        ("min-p", |o| (o.min_p, o.temperature) = (0.05, 0.8)),
        ("all three", |o| (o.top_k, o.top_p, o.min_p, o.temperature) = (40, 0.95, 0.05, 0.8)),
        ("llama.cpp's order", |o| (o.top_k, o.top_p, o.min_p, o.order) = (40, 0.95, 0.05, Order::LlamaCpp)),
        ("three at least", |o| (o.top_p, o.min_tokens_to_keep) = (0.1, 3)),
    ];
    let mask = vec![0x5555_5555; 600 / 32];
    let masked = Request { mask: Some(&mask), ..Request::default() };
    for source in Algorithm::ALL.map(Source::Algorithm).into_iter().chain([Source::Caller]) {
        let uniform = (source == Source::Caller).then_some(0.3);
        let requests = [Request { uniform, ..Request::default() }, Request { uniform, ..masked }];
        for (shape, row) in rows(600, 3).into_iter().step_by(2) {
            for (name, set) in sets {
                let mut scratch = Scratch::new(row.len());
                let mut sampler = sampler(600, |o| {
                    set(o);
                    o.generator = source;
                });
                // Uses the mask only if it leaves a token.
                let requests = if shape == "one left" { &requests[..1] } else { &requests[..] };
                let mut draw = |draws: usize| {
                    allocations(|| {
                        for turn in 0..draws {
                            scratch.sample(&mut sampler, &row, &requests[turn % requests.len()]).unwrap();
                        }
                    })
                };
                // The history grows to 256 tokens at the 129th, and not again before the 257th.
                let grown = draw(130);
                assert!(grown < 40, "{name} on {shape}, {source:?}: {grown} allocations in 130 draws");
                let more = draw(120);
                assert_eq!(more, 0, "{name} on {shape}, {source:?}: {more} allocations in 120 draws");
            }
        }
    }
}

/// A later draw may need much more scratch than the first: a peaked row comes before a flat one.
#[test]
fn a_flat_row_after_peaked_rows_allocates_nothing() {
    const VOCAB: usize = 5000;
    let peaked: Vec<f32> = (0..VOCAB).map(|id| if id < 70 { -(id as f32) } else { -60.0 }).collect();
    let flat: Vec<f32> = (0..VOCAB).map(|id| (id * 7919 % VOCAB) as f32 * 1e-4).collect();
    let truncations = [
        json!({"topK": 1000}),
        json!({"topP": 0.9, "minTokensToKeep": 3}),
        json!({"minP": 0.01, "minTokensToKeep": 3}),
        json!({"typicalP": 0.9}),
        json!({"epsilonCutoff": 1e-5}),
        json!({"etaCutoff": 1e-5}),
        json!({"topH": 0.5}),
        json!({"topA": 0.01}),
        json!({"topNSigma": 1.0}),
        json!({"tailFree": 0.95}),
        json!({"tailFree": 0.95, "topK": 2000}),
        json!({"pLess": true}),
        json!({"pLess": "norm"}),
        json!({"minK": 3.0}),
        json!({"xtc": {"probability": 0.5, "threshold": 1e-4}}),
        json!({"dynamicTemperature": {"range": 0.5}}),
        json!({"smoothing": {"factor": 0.2}}),
        json!({"mirostat": {"version": 1}}),
        json!({"mirostat": {"version": 2}}),
        json!({"adaptiveP": {"target": 0.3}}),
        json!({"minP": 0.01, "adaptiveP": {"target": 0.3}}),
        json!({"topP": 0.9, "adaptiveP": {"target": 0.3}}),
        json!({"typicalP": 0.9, "adaptiveP": {"target": 0.3}}),
    ];
    let all = truncations.iter().flat_map(|parts| Algorithm::ALL.map(|algorithm| (parts, algorithm)));
    for (parts, algorithm) in all {
        let generator = Source::Algorithm(algorithm);
        let mut sampler = Sampler::new(Options { generator, ..options(VOCAB, parts) }).unwrap();
        let mut scratch = Scratch::new(VOCAB);
        for _ in 0..130 {
            scratch.sample(&mut sampler, &peaked, &Request::default()).unwrap();
        }
        let more = allocations(|| {
            for _ in 0..10 {
                scratch.sample(&mut sampler, &flat, &Request::default()).unwrap();
            }
        });
        assert_eq!(more, 0, "{parts}, {algorithm:?}");
    }
}

/// Options of whatever remembers something of a history, with two generators.
fn remembering(vocab_size: usize) -> impl Iterator<Item = Options> {
    let sets = [
        json!({}),
        json!({"repetitionPenalty": 1.1, "frequencyPenalty": 0.1, "penaltyWindow": 300}),
        json!({"repetitionPenalty": 1.1, "presencePenalty": 0.1, "temperature": 3.0}),
        json!({"dry": {"multiplier": 0.8, "sequenceBreakers": [[1], [2, 3]]}}),
        json!({"dry": {"multiplier": 0.8, "allowedLength": 0}}),
        json!({"noRepeatNgramSize": 3}),
        json!({"thinkingBudget": {"start": [5], "end": [6], "tokens": 9}}),
        json!({"mirostat": {"version": 2}}),
        json!({"adaptiveP": {"target": 0.3}, "noRepeatNgramSize": 4, "repetitionPenalty": 1.2}),
    ];
    let generators = [Algorithm::Philox, Algorithm::Torch].map(Source::Algorithm);
    sets.into_iter()
        .flat_map(move |parts| generators.map(|generator| Options { generator, ..options(vocab_size, &parts) }))
}

#[test]
fn a_token_takes_no_more_memory_than_growth_says() {
    const VOCAB: usize = 700;
    for options in remembering(VOCAB) {
        let mut sampler = Sampler::new(options).unwrap();
        let (row, mut scratch) = ([0.0; VOCAB], Scratch::new(VOCAB));
        let mut random = Random(7);
        let prompt: Vec<u32> = (0..100).map(|_| random.below(VOCAB) as u32).collect();
        sampler.prompt(&prompt).unwrap();
        // The scratch that draws share.
        scratch.sample(&mut sampler, &row, &Request::default()).unwrap();
        for step in 0..3000 {
            // Tokens that come again, and tokens that do not.
            let most = if step % 1000 < 500 { VOCAB } else { 8 };
            let (growth, before) = (sampler.growth(), BYTES.get());
            if step % 2 == 0 {
                sampler.accept(random.below(most) as u32).unwrap();
            } else {
                scratch.sample(&mut sampler, &row, &Request::default()).unwrap();
            }
            let taken = BYTES.get() - before;
            // `growth` leaves out a list's first few items.
            assert!(taken <= growth + 700, "{sampler:?}, step {step}: {taken} bytes, not {growth}");
        }
        assert!(sampler.growth() < 100_000, "{sampler:?}");
    }
}

#[test]
fn reset_gives_back_what_a_history_took() {
    const VOCAB: usize = 40;
    for options in remembering(VOCAB) {
        let (row, mut scratch) = ([0.0; VOCAB], Scratch::new(VOCAB));
        let mut draw_and_reset = |sampler: &mut Sampler| {
            for _ in 0..3000 {
                scratch.sample(sampler, &row, &Request::default()).unwrap();
            }
            sampler.reset();
        };
        // Another sampler is the first that uses the scratch, which keeps what it took.
        draw_and_reset(&mut Sampler::new(options.clone()).unwrap());
        let mut sampler = Sampler::new(options).unwrap();
        let before = HELD.get();
        draw_and_reset(&mut sampler);
        let more = HELD.get() - before;
        assert_eq!(more, 0, "bytes more than at first: {sampler:?}");
    }
}

/// A token comes into the window and makes a map of counts as full as it may be; then another leaves, which was there twice.
#[test]
fn growth_knows_that_a_window_loses_tokens_too() {
    const VOCAB: usize = 128_256;
    const WINDOW: usize = VOCAB / 8;
    // Three quarters of 2^14.
    const FULL: u32 = 12_288;
    let parts = json!({"repetitionPenalty": 1.1, "penaltyWindow": WINDOW});
    let mut sampler = Sampler::new(options(VOCAB, &parts)).unwrap();
    let mut tokens: Vec<u32> = [0].into_iter().chain(0..FULL - 1).collect();
    tokens.resize(WINDOW, 1);
    sampler.accept_all(&tokens).unwrap();
    let (growth, before) = (sampler.growth(), BYTES.get());
    sampler.accept(FULL - 1).unwrap();
    let taken = BYTES.get() - before;
    assert!(0 < taken && taken <= growth, "{taken} bytes, not {growth}");
}

#[test]
fn the_counting_allocator_counts_allocations() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
    assert_eq!(allocations(|| drop(std::hint::black_box(Vec::<u8>::new()))), 0);
}
