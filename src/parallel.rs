//! Work on many things at once, with as many threads as there are processors.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// So many small things are worth a thread.
const MANY: usize = 256;

/// What comes of each of `items`, in their order. Where no thread can be started, this one does it all.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::default();
    let worker = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else {
                return;
            };
            let result = work(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((place, result));
        }
    };
    thread::scope(|scope| {
        let others = match items.len() {
            0 | 1 => 0,
            number => processors().min(number) - 1,
        };
        for _ in 0..others {
            let _ = thread::Builder::new().spawn_scoped(scope, worker);
        }
        worker();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// The same of small things, or an error: the first in their order, of those that were met. Once there is one, no more are begun.
pub fn until_error<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let parts: Vec<&[T]> = items.chunks(MANY).collect();
    let has_failed = AtomicBool::new(false);
    let in_part = |part: &&[T]| -> Result<Vec<R>, E> {
        let mut results = Vec::with_capacity(part.len());
        for item in *part {
            if has_failed.load(Ordering::Relaxed) {
                break;
            }
            let result = work(item);
            has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
            results.push(result?);
        }
        Ok(results)
    };
    let results: Result<Vec<Vec<R>>, E> = each(&parts, in_part).into_iter().collect();
    Ok(results?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
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
            assert_eq!(
                until_error(&items, |item| Ok::<_, ()>(doubled(item))),
                Ok(expected)
            );
            assert_eq!(calls.into_inner(), 2 * length);
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<usize> = (0..1_000 * MANY).collect();
        let calls = AtomicUsize::new(0);
        let fails = |item: &usize| {
            calls.fetch_add(1, Ordering::Relaxed);
            match *item >= 1_000 {
                true => Err(*item),
                false => Ok(()),
            }
        };
        assert!(until_error(&items, fails).is_err_and(|item| item >= 1_000));
        assert!(calls.into_inner() < items.len());
        // Without a second thread, it is the first.
        assert_eq!(
            until_error(&items[..MANY], |item| (*item < 7)
                .then_some(())
                .ok_or(*item)),
            Err(7)
        );
    }
}
