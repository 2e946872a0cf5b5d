//! The function that a page calls.

use crate::model::Counts;
use core::arch::wasm32::{memory_grow, memory_size};
use core::slice::{from_raw_parts, from_raw_parts_mut};

const PAGE: usize = 65536;

static mut COUNTS: Counts = [0; size_of::<Counts>()];

/// Unpacks a module into new memory after all that there is. Returns its length, or 0 if the text is invalid.
///
/// # Safety
/// `text` must point to `length` bytes of text. The function may be called only once: it does not restore its state.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unpack(text: *const u8, length: usize) -> usize {
    // SAFETY: guaranteed by the caller.
    let text = unsafe { from_raw_parts(text, length) };
    // SAFETY: nothing else refers to the counts, and the caller calls only once.
    let counts = unsafe { &mut *(&raw mut COUNTS) };
    let room = |length: usize| {
        let start = memory_size::<0>() * PAGE;
        // SAFETY: these pages are new, so nothing else uses them.
        (memory_grow::<0>(length.div_ceil(PAGE)) != usize::MAX)
            .then(|| unsafe { from_raw_parts_mut(start as *mut u8, length) })
    };
    crate::unpack::unpack_into(text, counts, room).unwrap_or(0)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
