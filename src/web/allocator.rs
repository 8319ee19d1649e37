//! The allocator of the modules, small and plain: a session holds a few dozen small blocks and a token.

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

/// First fit in a list that is kept in the order of addresses, where neighbours are joined again: what
/// is freed is used again, and a session of days stays within its page.
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> = {
    // SAFETY: without atomics a module has one memory and one thread, and no allocation is interrupted
    // by another.
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) }
};
