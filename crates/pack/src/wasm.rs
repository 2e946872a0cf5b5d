//! What a page calls.

use core::slice::{from_raw_parts, from_raw_parts_mut};

/// Puts a module together behind its text, where there are `room` bytes; how many of them it takes, 0 where the text is none.
///
/// # Safety
/// `text` points at `length` bytes of text and `room` more, in memory that nobody else uses during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unpack(text: *mut u8, length: usize, room: usize) -> usize {
    // SAFETY: the caller's promise; the two parts lie side by side.
    let (text, module) = unsafe { (from_raw_parts(text, length), from_raw_parts_mut(text.add(length), room)) };
    crate::unpack(text, module).unwrap_or(0)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
