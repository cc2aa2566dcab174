//! Memory in huge pages: the hidden cost of large arrays is the first touch of each page (docs/decisions/0013).

use std::alloc::{GlobalAlloc, Layout, System};

/// From this size on an array is worth huge pages.
const LARGE: usize = 4 << 20;

/// The system's allocator; large arrays ask the kernel for huge pages where it leaves that to programs.
pub struct Pages;

/// Advice is only that: where it is refused the memory is as good, and slower to touch.
#[cfg(target_os = "linux")]
fn advise(start: *mut u8, size: usize) {
    const PAGE: usize = 1 << 12;
    if start.is_null() || size < LARGE {
        return;
    }
    let first = (start as usize).next_multiple_of(PAGE);
    let last = (start as usize + size) & !(PAGE - 1);
    // SAFETY: whole pages inside an allocation that is ours; the advice changes no content.
    unsafe { libc::madvise(first as *mut libc::c_void, last - first, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: *mut u8, _: usize) {}

// SAFETY: every call goes to the system's allocator as it came; what it returns is handed on unchanged.
unsafe impl GlobalAlloc for Pages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = unsafe { System.alloc(layout) };
        advise(start, layout.size());
        start
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let start = unsafe { System.alloc_zeroed(layout) };
        advise(start, layout.size());
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        unsafe { System.dealloc(start, layout) };
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = unsafe { System.realloc(start, layout, size) };
        advise(start, size);
        start
    }
}
