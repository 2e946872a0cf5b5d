//! Any bytes as a saved state: an error, or something that goes on; never a panic, and no endless work.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logitdraw::{Generator, Logits, Request, Sampler, Workspace};

/// The checksum of a state, FNV-1a, so that what lies behind it is reached.
fn with_checksum(body: &[u8]) -> Vec<u8> {
    let hash = body
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    [body, &hash.to_le_bytes()].concat()
}

fn try_generator(bytes: &[u8]) {
    if let Ok(mut generator) = Generator::restore(bytes) {
        assert!((0.0..1.0).contains(&generator.random()));
        assert_eq!(Generator::restore(&generator.save()).unwrap(), generator);
    }
}

fn try_sampler(bytes: &[u8]) {
    let Ok(mut sampler) = Sampler::restore(bytes) else { return };
    let len = sampler.vocab_size();
    if len <= 4096 {
        let _ = sampler.sample(Logits::new(len).row(), &mut Workspace::new(len), &Request::default());
        let mut logits = Logits::new(len);
        logits.values_mut().fill(0.5);
        let _ = sampler.sample(logits.row(), &mut Workspace::new(len), &Request::default());
        let _ = sampler.rollback(1);
    }
    assert!(Sampler::restore(&sampler.save().unwrap()).is_ok());
}

fuzz_target!(|body: &[u8]| {
    for bytes in [body.to_vec(), with_checksum(body), with_checksum(&[b"LGG\x01", body].concat())] {
        try_generator(&bytes);
    }
    for bytes in [body.to_vec(), with_checksum(body), with_checksum(&[b"LGS\x01", body].concat())] {
        try_sampler(&bytes);
    }
});
