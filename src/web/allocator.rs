//! The allocator of the modules, small and plain: a session holds a few dozen small blocks and a token.

use core::alloc::{GlobalAlloc, Layout};

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

/// First fit in a list that is kept in the order of addresses, where neighbours are joined again: what
/// is freed is used again, and a session of days stays within its page.
#[global_allocator]
static ALLOCATOR: Wiping<AssumeSingleThreaded<FreeListAllocator>> = {
    // SAFETY: without atomics a module has one memory and one thread, and no allocation is interrupted
    // by another.
    Wiping(unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) })
};

/// Wipes whatever is freed: the text of a token goes through blocks that are nobody's own, such as the
/// arguments of calls from JavaScript and what libraries decode.
struct Wiping<A>(A);

// SAFETY: each call is passed on as it came, and a block is written to while it is still the caller's. To
// reallocate is what the trait does: to allocate, copy and free, so that what was outgrown is wiped too.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe {
            block.write_bytes(0, layout.size());
            self.0.dealloc(block, layout);
        }
    }
}
