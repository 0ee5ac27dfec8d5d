//! Work on many things at once, by a few threads. Work that is done for one of them starts no more of them.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Each needs as much memory as its work does.
const MOST_THREADS: usize = 4;

/// As many trees of the longest Python files, or bytes of the longest files, fit into the memory that a command may take.
const MOST_READERS: usize = 2;

/// As the main thread's on Linux: Python files may be nested deeply.
const STACK: usize = 8 << 20;

/// So many small things are worth a thread.
const MANY: usize = 256;

thread_local! {
    static IS_AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// What comes of each of `items`, in their order. Where no thread can be started, this one does it all.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    by(MOST_THREADS, items, work)
}

fn by<T: Sync, R: Send>(most: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 || IS_AT_WORK.get() {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::default();
    let worker = || {
        IS_AT_WORK.set(true);
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else {
                break;
            };
            let result = work(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((place, result));
        }
        IS_AT_WORK.set(false);
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 1..processors.min(most).min(items.len()) {
            let thread = thread::Builder::new().stack_size(STACK);
            let _ = thread.spawn_scoped(scope, worker);
        }
        worker();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The same of small things, or the first error in their order. What is behind an error need not be begun.
pub fn until_error<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let parts: Vec<(usize, &[T])> = (0..).step_by(MANY).zip(items.chunks(MANY)).collect();
    let first_error = AtomicUsize::new(usize::MAX);
    let in_part = |(start, part): &(usize, &[T])| -> Result<Vec<R>, E> {
        let mut results = Vec::with_capacity(part.len());
        for (place, item) in (*start..).zip(*part) {
            if place > first_error.load(Ordering::Relaxed) {
                break;
            }
            let result = work(item);
            if result.is_err() {
                first_error.fetch_min(place, Ordering::Relaxed);
            }
            results.push(result?);
        }
        Ok(results)
    };
    let results = by(MOST_READERS, &parts, in_part);
    let results: Result<Vec<Vec<R>>, E> = results.into_iter().collect();
    Ok(results?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn all_are_done_once_and_in_order() {
        for length in [0, 1, 2, MANY, MANY + 1, 10 * MANY + 7] {
            let items: Vec<usize> = (0..length).collect();
            let calls = AtomicUsize::new(0);
            let doubled = |item: &usize| {
                calls.fetch_add(1, Ordering::Relaxed);
                2 * item
            };
            let expected: Vec<usize> = items.iter().map(|item| 2 * item).collect();
            assert_eq!(each(&items, doubled), expected);
            let all = until_error(&items, |item| Ok::<_, ()>(doubled(item)));
            assert_eq!(all, Ok(expected));
            assert_eq!(calls.into_inner(), 2 * length);
        }
    }

    #[test]
    fn the_first_error_ends_the_work() {
        let items: Vec<usize> = (0..1_000 * MANY).collect();
        let calls = AtomicUsize::new(0);
        let fails = |item: &usize| {
            calls.fetch_add(1, Ordering::Relaxed);
            match matches!(item, 1_000 | 1_200 | 3_000) {
                true => Err(*item),
                false => Ok(()),
            }
        };
        assert_eq!(until_error(&items, fails), Err(1_000));
        assert!(calls.into_inner() < items.len() / 2);
    }

    #[test]
    fn work_for_one_of_many_is_done_by_its_thread() {
        let items: Vec<usize> = (0..8).collect();
        let small: Vec<usize> = (0..10 * MANY).collect();
        let threads = |_: &usize| {
            let own = thread::current().id();
            let ids = until_error(&small, |_| Ok::<_, ()>(thread::current().id())).unwrap();
            ids.into_iter().all(|id| id == own)
        };
        assert!(each(&items, threads).into_iter().all(|is_own| is_own));
        let ids: HashSet<_> = each(&items, |_| thread::current().id())
            .into_iter()
            .collect();
        assert!(ids.len() <= MOST_THREADS);
        assert!(!IS_AT_WORK.get());
    }
}
