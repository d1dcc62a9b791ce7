//! SQLite's file system with a notebook: every call goes on to SQLite's own, and those that change a watched file are
//! noted. Interface: <https://www.sqlite.org/c3ref/vfs.html>.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::path::Path;
use std::sync::{Once, OnceLock};

use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_SHMSIZE, SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_io_methods,
    sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::disk::{Handle, handle};

/// An open file: what SQLite sees of it, its notebook, and behind both, in the same piece of memory, the file as
/// SQLite's own file system has it.
// SQLite gives memory for files aligned to 8 bytes, so this must need no more.
#[repr(C)]
struct File {
    base: sqlite3_file,
    /// Owned by this file; null where it is not watched.
    notes: *mut Handle,
}

/// SQLite's own file system, which lives as long as the process.
struct Own(*mut sqlite3_vfs);

// SAFETY: SQLite's file systems are registered once, never changed, and made to be called from any thread.
unsafe impl Send for Own {}
// SAFETY: as above.
unsafe impl Sync for Own {}

static OWN: OnceLock<Own> = OnceLock::new();

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Without xFetch and xUnfetch, so that nothing is written through mapped memory, unseen.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Passes a call on to the file behind.
macro_rules! on {
    ($file:expr, $method:ident $(, $argument:expr)*) => {
        // SAFETY: SQLite calls with an open file, so there is one behind it; the call goes on as it came.
        unsafe {
            let inner = behind($file);
            (*(*inner).pMethods).$method.map_or(SQLITE_IOERR, |method| method(inner $(, $argument)*))
        }
    };
}

/// A method that only passes its call on.
macro_rules! pass {
    ($name:ident, $method:ident $(, $argument:ident: $kind:ty)*) => {
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $argument: $kind)*) -> c_int {
            on!(file, $method $(, $argument)*)
        }
    };
}

pass!(read, xRead, to: *mut c_void, length: c_int, at: sqlite3_int64);
pass!(file_size, xFileSize, size: *mut sqlite3_int64);
pass!(lock, xLock, kind: c_int);
pass!(unlock, xUnlock, kind: c_int);
pass!(check_reserved_lock, xCheckReservedLock, told: *mut c_int);
pass!(file_control, xFileControl, what: c_int, argument: *mut c_void);
pass!(sector_size, xSectorSize);
pass!(device_characteristics, xDeviceCharacteristics);
pass!(shm_lock, xShmLock, offset: c_int, count: c_int, flags: c_int);

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    if let (true, Some(notes)) = (delete != 0, unsafe { notes(file) }) {
        notes.unshare();
    }
    on!(file, xShmUnmap, delete)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite calls with an open file; the call goes on as it came.
    unsafe {
        let inner = behind(file);
        if let Some(barrier) = (*(*inner).pMethods).xShmBarrier {
            barrier(inner);
        }
    }
}

/// Registers it as the default, once.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: with a null name SQLite gives its default, which stays valid for good.
        let own = unsafe { sqlite3_vfs_find(std::ptr::null()) };
        // SAFETY: not null, because every SQLite for a desktop has one; the table is plain data and may be copied.
        let mut noted = unsafe { *own };
        OWN.get_or_init(|| Own(own));
        noted.szOsFile += c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX);
        noted.zName = c"powercut".as_ptr();
        noted.pNext = std::ptr::null_mut();
        noted.xOpen = Some(open);
        noted.xDelete = Some(delete);
        // SAFETY: leaked, so it is valid for as long as SQLite may use it.
        unsafe { sqlite3_vfs_register(Box::into_raw(Box::new(noted)), 1) };
    });
}

fn own() -> *mut sqlite3_vfs {
    OWN.get().map_or(std::ptr::null_mut(), |own| own.0)
}

/// The handle of a path in SQLite's form; none for temporary files, which have no name.
///
/// # Safety
/// `name` is null or points to a string that ends with a zero.
unsafe fn noted(name: *const c_char) -> Option<Handle> {
    if name.is_null() {
        return None;
    }
    // SAFETY: promised by the caller.
    let name = unsafe { CStr::from_ptr(name) };
    handle(Path::new(name.to_str().ok()?))
}

/// SQLite's own file behind one of ours.
///
/// # Safety
/// `file` was given to [`open`], so `szOsFile` bytes are behind it.
unsafe fn behind(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: promised by the caller; the length of `File` is a multiple of the 8 bytes files are aligned to.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// The notebook of a file.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
unsafe fn notes<'a>(file: *mut sqlite3_file) -> Option<&'a Handle> {
    // SAFETY: promised by the caller; the handle lives until the file is closed.
    unsafe { (*file.cast::<File>()).notes.as_ref() }
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    told: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name that ends with a zero, or none.
    let notes = unsafe { noted(name) };
    // SAFETY: SQLite gives `szOsFile` bytes for the file; the call goes on as it came.
    unsafe {
        let Some(open) = (*own()).xOpen else { return SQLITE_IOERR };
        let outcome = open(own(), name, behind(file), flags, told);
        let opened = outcome == SQLITE_OK;
        if let (true, Some(notes)) = (opened, &notes) {
            notes.opened();
        }
        let notes = if opened {
            notes.map_or(std::ptr::null_mut(), |notes| Box::into_raw(Box::new(notes)))
        } else {
            std::ptr::null_mut()
        };
        let methods = if opened { &raw const METHODS } else { std::ptr::null() };
        file.cast::<File>().write(File { base: sqlite3_file { pMethods: methods }, notes });
        outcome
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: the call goes on as it came.
    unsafe {
        let Some(delete) = (*own()).xDelete else { return SQLITE_IOERR };
        let outcome = delete(own(), name, sync_folder);
        if let (SQLITE_OK, Some(notes)) = (outcome, noted(name)) {
            notes.delete(sync_folder != 0);
        }
        outcome
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, so the handle is freed once.
    unsafe {
        let notes = std::mem::replace(&mut (*file.cast::<File>()).notes, std::ptr::null_mut());
        if !notes.is_null() {
            drop(Box::from_raw(notes));
        }
    }
    on!(file, xClose)
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, length: c_int, at: sqlite3_int64) -> c_int {
    let (Ok(size), Ok(place)) = (usize::try_from(length), usize::try_from(at)) else { return SQLITE_IOERR };
    // SAFETY: SQLite gives that many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), size) };
    // SAFETY: SQLite calls with an open file.
    if unsafe { notes(file) }.is_some_and(|notes| !notes.write(place, bytes)) {
        return SQLITE_FULL;
    }
    on!(file, xWrite, from, length, at)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls with an open file.
    if let (Some(notes), Ok(size)) = (unsafe { notes(file) }, usize::try_from(size)) {
        notes.truncate(size);
    }
    on!(file, xTruncate, size)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file.
    if let Some(notes) = unsafe { notes(file) } {
        // What is durable is in the notebook; the disk beneath need not be waited for.
        notes.sync();
        return SQLITE_OK;
    }
    on!(file, xSync, flags)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    memory: *mut *mut c_void,
) -> c_int {
    let end = (u64::from(region.unsigned_abs()) + 1) * u64::from(size.unsigned_abs());
    // A region is a file that grows; where it cannot, SQLite's own answers this.
    // SAFETY: SQLite calls with an open file.
    if extend != 0 && unsafe { notes(file) }.is_some_and(|notes| !notes.share(end)) {
        return SQLITE_IOERR_SHMSIZE;
    }
    on!(file, xShmMap, region, size, extend, memory)
}
