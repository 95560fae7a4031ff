//! An epoch's batches, prepared on another thread while the last one is in use.

use std::iter::FusedIterator;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use crate::{Batch, Epoch, Error, Images, Order};

/// Batches that wait to be taken; with the one in the making, what an epoch holds in memory.
const WAITING: usize = 2;

/// The batches of one epoch, in order.
///
/// Equal to those that [`Epoch::batch`] gives. [`len`](ExactSizeIterator::len) is the number of
/// batches still to come. Dropping it ends the thread and waits for it.
///
/// # Panics
/// A panic on the thread goes on in [`next`](Iterator::next) or, at the latest, when this is
/// dropped.
#[derive(Debug)]
pub struct Batches {
    /// `None` once the thread is to end.
    receiver: Option<Receiver<Batch>>,
    /// `None` once it has been waited for.
    thread: Option<JoinHandle<()>>,
    remaining: usize,
}

impl Batches {
    /// Starts the epoch with the number `epoch`.
    ///
    /// # Errors
    /// Those of [`Epoch::try_new`], and a system that refuses the thread.
    pub fn try_new(images: Arc<Images>, order: Order, epoch: u64) -> Result<Self, Error> {
        Self::resume(images, order, epoch, 0)
    }

    /// Starts at the batch `first` of an epoch, as after an interruption.
    ///
    /// # Errors
    /// Those of [`try_new`](Self::try_new), and a `first` past the epoch's end; at its end is
    /// allowed and gives no batch.
    pub fn resume(
        images: Arc<Images>,
        order: Order,
        epoch: u64,
        first: usize,
    ) -> Result<Self, Error> {
        let epoch = Epoch::try_new(images, order, epoch)?;
        let batches = epoch.batches();
        if first > batches {
            return Err(Error::NoSuchBatch { first, batches });
        }
        let prepare = move |index| epoch.batch(first + index);
        Self::spawn(batches - first, prepare)
    }

    /// Prepares the batches `0..count`.
    fn spawn(
        count: usize,
        prepare: impl Fn(usize) -> Batch + Send + 'static,
    ) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(WAITING);
        let thread = thread::Builder::new()
            .name("orthant-batches".to_owned())
            .spawn(move || {
                for index in 0..count {
                    if sender.send(prepare(index)).is_err() {
                        // No one waits for the rest.
                        return;
                    }
                }
            })
            .map_err(|source| Error::Thread { source })?;
        Ok(Self {
            receiver: Some(receiver),
            thread: Some(thread),
            remaining: count,
        })
    }

    /// Ends the thread; `Err` holds its panic.
    fn join(&mut self) -> thread::Result<()> {
        // Without a receiver a thread that waits to send is set free.
        self.receiver = None;
        self.thread.take().map_or(Ok(()), JoinHandle::join)
    }
}

impl Iterator for Batches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        if self.remaining == 0 {
            return None;
        }
        let batch = self.receiver.as_ref()?.recv().ok();
        match batch {
            Some(_) => self.remaining -= 1,
            None => {
                self.remaining = 0;
                if let Err(panic) = self.join() {
                    resume_unwind(panic);
                }
            }
        }
        batch
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl ExactSizeIterator for Batches {}

impl FusedIterator for Batches {}

impl Drop for Batches {
    fn drop(&mut self) {
        if let Err(panic) = self.join() {
            // A second panic during the first would abort without a word.
            if !thread::panicking() {
                resume_unwind(panic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::Augment;

    fn images() -> Arc<Images> {
        let pixels = (0..23 * 48).map(|pixel| (pixel % 251) as u8).collect();
        Arc::new(Images::try_new([4, 4, 3], pixels, (0..23).collect()).expect("it fits"))
    }

    const ORDER: Order = Order {
        batch: 5,
        shuffle: true,
        augment: Some(Augment {
            crop: 2,
            fill: 128,
            flip: true,
        }),
        seed: 11,
    };

    fn numbered(index: usize) -> Batch {
        Batch {
            pixels: Vec::new(),
            labels: vec![index as u8],
        }
    }

    #[test]
    fn the_thread_gives_the_epochs_own_batches() {
        for number in 0..3 {
            let epoch = Epoch::try_new(images(), ORDER, number).expect("it fits");
            let expected: Vec<Batch> = (0..5).map(|index| epoch.batch(index)).collect();
            let mut batches = Batches::try_new(images(), ORDER, number).expect("it fits");
            assert_eq!(batches.len(), 5);
            assert_eq!(batches.next().as_ref(), expected.first());
            assert_eq!(batches.len(), 4);
            assert!(batches.by_ref().eq(expected.into_iter().skip(1)));
            assert_eq!((batches.next(), batches.len()), (None, 0));
        }
    }

    #[test]
    fn a_resumed_epoch_goes_on_where_it_stopped() {
        let whole: Vec<Batch> = Batches::try_new(images(), ORDER, 1)
            .expect("it fits")
            .collect();
        for first in 0..=5 {
            let rest = Batches::resume(images(), ORDER, 1, first).expect("it fits");
            assert_eq!(rest.len(), 5 - first);
            assert!(rest.eq(whole[first..].iter().cloned()));
        }
        assert!(matches!(
            Batches::resume(images(), ORDER, 1, 6),
            Err(Error::NoSuchBatch {
                first: 6,
                batches: 5
            })
        ));
    }

    #[test]
    fn errors_come_before_the_first_batch() {
        let order = Order { batch: 24, ..ORDER };
        assert!(matches!(
            Batches::try_new(images(), order, 0),
            Err(Error::BatchTooLarge {
                batch: 24,
                images: 23
            })
        ));
    }

    #[test]
    fn dropping_ends_the_thread_early() {
        for taken in 0..3 {
            let prepared = Arc::new(AtomicUsize::new(0));
            let counter = prepared.clone();
            let mut batches = Batches::spawn(1000, move |index| {
                counter.fetch_add(1, Ordering::Relaxed);
                numbered(index)
            })
            .expect("a thread");
            assert_eq!(batches.by_ref().take(taken).count(), taken);
            drop(batches);
            // The thread has ended and let go of its counter: waiting and in the making, no more.
            assert_eq!(Arc::strong_count(&prepared), 1);
            assert!(prepared.load(Ordering::Relaxed) <= taken + WAITING + 1);
        }
    }

    fn panicking_at(bad: usize) -> Batches {
        Batches::spawn(10, move |index| {
            assert!(index != bad, "batch {index} is bad");
            numbered(index)
        })
        .expect("a thread")
    }

    fn message(panic: Box<dyn std::any::Any + Send>) -> String {
        *panic.downcast::<String>().expect("a formatted message")
    }

    #[test]
    fn a_panic_reaches_the_one_who_asks_for_the_batch() {
        let mut batches = panicking_at(2);
        assert_eq!(batches.by_ref().take(2).count(), 2);
        let panic = catch_unwind(AssertUnwindSafe(|| batches.next())).expect_err("it panics");
        assert_eq!(message(panic), "batch 2 is bad");
        assert_eq!(batches.next(), None);
    }

    #[test]
    fn a_panic_is_not_lost_when_no_one_asks() {
        let panic = catch_unwind(|| drop(panicking_at(0))).expect_err("it panics");
        assert_eq!(message(panic), "batch 0 is bad");
    }
}
