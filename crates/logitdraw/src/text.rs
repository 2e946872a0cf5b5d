//! Builds messages from pieces. The standard library's formatting would be a fiftieth of the WebAssembly module.

use alloc::string::String;

/// A piece of a message.
pub trait Piece {
    /// Appends it to a text.
    fn add_to(&self, text: &mut String);
}

impl Piece for str {
    #[inline(always)]
    fn add_to(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl Piece for String {
    #[inline(always)]
    fn add_to(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl<T: Piece + ?Sized> Piece for &T {
    #[inline(always)]
    fn add_to(&self, text: &mut String) {
        (**self).add_to(text);
    }
}

impl Piece for u64 {
    fn add_to(&self, text: &mut String) {
        if *self > 9 {
            (self / 10).add_to(text);
        }
        text.push(char::from(b'0' + (self % 10) as u8));
    }
}

impl Piece for usize {
    #[inline(always)]
    fn add_to(&self, text: &mut String) {
        (*self as u64).add_to(text);
    }
}

impl Piece for u32 {
    #[inline(always)]
    fn add_to(&self, text: &mut String) {
        u64::from(*self).add_to(text);
    }
}

/// Concatenates pieces into a text: strings, integers, and whatever else is a [`Piece`].
#[macro_export]
#[doc(hidden)]
macro_rules! text {
    ($($piece:expr),+ $(,)?) => {{
        let mut text = ::alloc::string::String::new();
        $($crate::Piece::add_to(&$piece, &mut text);)+
        text
    }};
}
