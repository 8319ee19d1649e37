//! The allocator of the modules, small and plain: a session holds a few dozen small blocks and a token.

use core::alloc::{GlobalAlloc, Layout};

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};
use wasm_bindgen::prelude::wasm_bindgen;

const PAGE: usize = 65_536;

/// First fit in a list that is kept in the order of addresses, where neighbours are joined again: what
/// is freed is used again, and a session of days stays within its page.
#[global_allocator]
static ALLOCATOR: Wiping<AssumeSingleThreaded<FreeListAllocator>> = {
    // SAFETY: without atomics a module has one memory and one thread, and no allocation is interrupted
    // by another.
    Wiping(unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) })
};

unsafe extern "C" {
    /// Where the linker's own part of the memory ends.
    static __heap_base: u8;
}

/// Has the allocator begin with what the stack and the statics leave of the first page: by itself it takes whole
/// new pages only.
#[wasm_bindgen(start)]
fn begin_in_the_first_page() {
    let base = (&raw const __heap_base).cast_mut();
    let room = base
        .addr()
        .next_multiple_of(PAGE)
        .saturating_sub(base.addr());
    if let Ok(rest) = Layout::from_size_align(room, 8)
        && base.cast::<u64>().is_aligned()
    {
        // SAFETY: the memory has whole pages, so the rest of the last one is there; nobody else uses it, for the
        // allocator has taken none but pages beyond, and this runs once, when the module starts.
        unsafe { ALLOCATOR.0.dealloc(base, rest) }
    }
}

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
