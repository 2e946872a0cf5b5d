//! What a page calls.

use crate::model::Counts;
use core::arch::wasm32::{memory_grow, memory_size};
use core::slice::{from_raw_parts, from_raw_parts_mut};

const PAGE: usize = 65536;

static mut COUNTS: Counts = [0; size_of::<Counts>()];

/// Puts a module together behind all memory that there is; how long it is, 0 where the text is none.
///
/// # Safety
/// `text` points at `length` bytes of text. Called once: nothing is as it was before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unpack(text: *const u8, length: usize) -> usize {
    // SAFETY: the caller's promise.
    let text = unsafe { from_raw_parts(text, length) };
    // SAFETY: nobody else knows them, and the caller calls once.
    let counts = unsafe { &mut *(&raw mut COUNTS) };
    let room = |length: usize| {
        let start = memory_size::<0>() * PAGE;
        // SAFETY: these pages are new, and nobody else's.
        (memory_grow::<0>(length.div_ceil(PAGE)) != usize::MAX)
            .then(|| unsafe { from_raw_parts_mut(start as *mut u8, length) })
    };
    crate::unpack::unpack_into(text, counts, room).unwrap_or(0)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
