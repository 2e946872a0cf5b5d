//! A draw that was chosen waits to be committed: what forgets it, what does not, and that a failed one leaves no trace.

mod common;

use common::drawer::Drawer;
use common::rows::Random;
use logitdraw::{Algorithm, Error, ErrorCode, Options, Order, Request, Sampler, Source, Xtc};

const VOCAB: usize = 40;

/// Whatever changes the state forgets a draw that waits, as if it had not been made; what is refused leaves it waiting.
#[test]
fn a_change_forgets_a_waiting_draw_and_a_refused_one_does_not() {
    type Change = fn(&mut Sampler) -> Result<(), Error>;
    let changes: [(&str, Change); 7] = [
        ("prompt", |sampler| sampler.prompt(&[4, 5])),
        ("accept", |sampler| sampler.accept(4)),
        ("accept_all", |sampler| sampler.accept_all(&[4, 5])),
        ("sync", |sampler| sampler.sync(&[&sampler.history().to_vec()[..], &[6]].concat())),
        ("rollback", |sampler| sampler.rollback(1)),
        ("update", |sampler| sampler.update(Options { top_k: 7, ..sampler.options().clone() })),
        ("reset", |sampler| {
            sampler.reset();
            Ok(())
        }),
    ];
    let refused: [(&str, Change); 4] = [
        ("prompt", |sampler| sampler.prompt(&[4, VOCAB as u32])),
        ("accept", |sampler| sampler.accept(VOCAB as u32)),
        ("rollback", |sampler| sampler.rollback(99)),
        ("update", |sampler| sampler.update(Options { top_p: 2.0, ..sampler.options().clone() })),
    ];
    let row = Random(1).row(VOCAB);
    for algorithm in Algorithm::ALL {
        let generator = Source::Algorithm(algorithm);
        let waiting = || {
            let mut drawer = Drawer::new(Options { generator, repetition_penalty: 1.2, ..Options::new(VOCAB) });
            drawer.sampler.prompt(&[1, 2, 3]).unwrap();
            drawer.sample(&row).unwrap();
            let twin = drawer.sampler.clone();
            drawer.choose(&row).unwrap();
            (drawer, Drawer::of(twin))
        };
        for (name, change) in changes {
            let (mut drawer, mut twin) = waiting();
            change(&mut drawer.sampler).unwrap();
            change(&mut twin.sampler).unwrap();
            assert!(!drawer.sampler.waits(), "{name}");
            drawer.sampler.commit();
            assert_eq!(drawer.sampler.save().unwrap(), twin.sampler.save().unwrap(), "{algorithm:?}, {name}");
            assert_eq!(drawer.sample(&row).unwrap(), twin.sample(&row).unwrap(), "{algorithm:?}, {name}");
        }
        for (name, change) in refused {
            let (mut drawer, mut twin) = waiting();
            change(&mut drawer.sampler).unwrap_err();
            assert!(drawer.sampler.waits(), "{name}");
            drawer.sampler.commit();
            twin.sample(&row).unwrap();
            assert_eq!(drawer.sampler.save().unwrap(), twin.sampler.save().unwrap(), "{algorithm:?}, {name}");
        }
        assert!(!waiting().0.sampler.clone_with(None, None).unwrap().waits());
    }
}

/// llama.cpp's coin is tossed before a later stage finds that no token is left.
#[test]
fn a_draw_that_fails_after_the_coin_takes_it_back() {
    let order = ["xtc", "suppressTokens"].map(String::from).to_vec();
    let mut drawer = Drawer::new(Options {
        generator: Source::Algorithm(Algorithm::LlamaCpp),
        order: Order::Custom(order),
        xtc: Some(Xtc { probability: Some(0.5), threshold: Some(0.01), ..Xtc::default() }),
        suppress_tokens: vec![0, 1],
        ..Options::new(VOCAB)
    });
    let mut twin = Drawer::of(drawer.sampler.clone());
    let row = Random(1).row(VOCAB);
    let masked = Request { mask: Some(&[0b11]), ..Request::default() };
    for _ in 0..50 {
        assert_eq!(drawer.sample_with(&[0.0; VOCAB], &masked).unwrap_err().code, ErrorCode::NoTokenLeft);
        assert_eq!(drawer.sampler.save().unwrap(), twin.sampler.save().unwrap());
        assert_eq!(drawer.sample(&row).unwrap(), twin.sample(&row).unwrap());
    }
}
