//! Counts the steps of inner loops in tests: how long a file takes must not grow faster than the file.

#[cfg(not(test))]
pub(crate) fn count(_steps: usize) {}

#[cfg(test)]
pub(crate) use counted::count;
#[cfg(test)]
pub(crate) use counted::{linear, of};

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn count(steps: usize) {
        STEPS.set(STEPS.get().saturating_add(steps));
    }

    /// The steps that it takes.
    pub(crate) fn of(does: impl FnOnce()) -> usize {
        let before = STEPS.replace(0);
        does();
        STEPS.replace(before)
    }

    /// Whether four times as much takes at most five times as many steps; the error has both numbers.
    pub(crate) fn linear(does: impl Fn(usize), size: usize) -> Result<(), (usize, usize)> {
        let (one, four) = (of(|| does(size)), of(|| does(4 * size)));
        match one > 0 && four <= 5 * one {
            true => Ok(()),
            false => Err((one, four)),
        }
    }
}
