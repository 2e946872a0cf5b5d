//! What a module without the standard library needs: an allocator, a panic handler, and global state.

/// Declares state of the module: `global!(NAME: Type = initial)`, used like a `LocalKey<RefCell<Type>>`.
macro_rules! global {
    ($name:ident: $type:ty = $initial:expr) => {
        #[cfg(target_arch = "wasm32")]
        static $name: $crate::global::Global<$type> = $crate::global::Global::new($initial);
        #[cfg(not(target_arch = "wasm32"))]
        std::thread_local! {
            static $name: core::cell::RefCell<$type> = const { core::cell::RefCell::new($initial) };
        }
    };
}
pub(crate) use global;

#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::Global;

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code)]
mod wasm {
    use core::cell::RefCell;

    #[global_allocator]
    static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

    /// A panic is a defect of this module: it traps, and JavaScript sees a RuntimeError.
    ///
    /// It also proves that the core needs no standard library: with one there would be two panic handlers, and the build would fail.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }

    /// A value that a single thread accesses.
    pub(crate) struct Global<T>(RefCell<T>);

    // SAFETY: a module whose memory is not shared has one thread.
    #[cfg(not(target_feature = "atomics"))]
    unsafe impl<T> Sync for Global<T> {}

    impl<T> Global<T> {
        pub const fn new(value: T) -> Self {
            Self(RefCell::new(value))
        }

        pub fn set(&self, value: T) {
            *self.0.borrow_mut() = value;
        }

        pub fn with_borrow<R>(&self, f: impl FnOnce(&T) -> R) -> R {
            f(&self.0.borrow())
        }

        pub fn with_borrow_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
            f(&mut self.0.borrow_mut())
        }
    }
}
