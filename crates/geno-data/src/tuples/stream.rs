//! Tuples, one after the other, from anywhere on.

use std::{collections::VecDeque, vec};

use rayon::prelude::*;

use super::{TrainingTuple, TupleBuilder, TupleCursor, TupleError, TupleReport};

/// One of several that share the blocks of an epoch among them, each taking every `count`th.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Worker {
    /// Which, from 0.
    pub index: u32,
    /// How many there are.
    pub count: u32,
}

/// Tuples of epoch after epoch, shuffled.
///
/// The windows of an epoch are shuffled, and cut into blocks whose tuples are shuffled together, so
/// that neighbours in the stream are of different windows. What comes depends on the settings, the
/// windows and the worker, and not on the number of threads, which draw a block each.
pub struct TupleStream<'a> {
    builder: &'a TupleBuilder<'a>,
    worker: Worker,
    n_epochs: Option<u32>,
    /// The tuple that comes next.
    cursor: TupleCursor,
    order: Vec<u32>,
    ready: vec::IntoIter<TrainingTuple>,
    /// Blocks after the one that is handed out, in their order.
    ahead: VecDeque<Result<(Vec<TrainingTuple>, TupleReport), TupleError>>,
    report: TupleReport,
    /// Tuples of this epoch, if all of it was drawn here.
    n_in_epoch: Option<u64>,
    is_open: bool,
    is_done: bool,
}

impl<'a> TupleStream<'a> {
    /// The stream from its first tuple on, for a worker that works alone.
    pub fn new(builder: &'a TupleBuilder<'a>) -> Self {
        Self::of_worker(builder, Worker { index: 0, count: 1 })
    }

    /// The part of the stream that one of several workers gets.
    ///
    /// # Panics
    ///
    /// If the index is not below the count.
    pub fn of_worker(builder: &'a TupleBuilder<'a>, worker: Worker) -> Self {
        assert!(
            worker.index < worker.count,
            "worker {} of {}",
            worker.index,
            worker.count
        );
        let cursor = TupleCursor {
            stream: fingerprint(builder, worker),
            epoch: 0,
            block: worker.index,
            tuple: 0,
        };
        Self {
            builder,
            worker,
            n_epochs: None,
            cursor,
            order: builder.order(0),
            ready: Vec::new().into_iter(),
            ahead: VecDeque::new(),
            report: TupleReport::default(),
            n_in_epoch: Some(0),
            is_open: false,
            is_done: false,
        }
    }

    /// Begins at the tuple that a cursor stands before.
    ///
    /// # Errors
    ///
    /// [`TupleError::OtherStream`] for the cursor of a stream with other settings, other windows or
    /// of another worker.
    pub fn at(mut self, cursor: TupleCursor) -> Result<Self, TupleError> {
        let is_of_worker = cursor.block % self.worker.count == self.worker.index;
        let exists = cursor.block < self.builder.n_blocks() || cursor.block == self.worker.index;
        if cursor.stream != self.cursor.stream || !is_of_worker || !exists {
            return Err(TupleError::OtherStream);
        }
        if cursor.epoch != 0 {
            self.order = self.builder.order(cursor.epoch);
        }
        if (cursor.block, cursor.tuple) != (self.worker.index, 0) {
            self.n_in_epoch = None;
        }
        self.cursor = cursor;
        Ok(self)
    }

    /// Ends after so many epochs, counted from the first one of the stream.
    #[must_use]
    pub fn epochs(mut self, n: u32) -> Self {
        self.n_epochs = Some(n);
        self
    }

    /// The tuple that comes next.
    pub fn cursor(&self) -> TupleCursor {
        self.cursor
    }

    /// What came so far: tuples since the stream began here, and what was lacking in their blocks.
    pub fn report(&self) -> &TupleReport {
        &self.report
    }

    /// Draws the block that the cursor stands in.
    fn open(&mut self) -> Result<(), TupleError> {
        if self.ahead.is_empty() {
            let n = rayon::current_num_threads() as u64;
            let (first, step) = (u64::from(self.cursor.block), u64::from(self.worker.count));
            let blocks: Vec<u64> = (0..n)
                .map(|i| first + i * step)
                .filter(|&block| block < u64::from(self.builder.n_blocks()))
                .collect();
            let (builder, epoch, order) = (self.builder, self.cursor.epoch, &self.order);
            let drawn: Vec<_> = blocks
                .into_par_iter()
                .map(|block| builder.block(epoch, block as u32, order))
                .collect();
            self.ahead.extend(drawn);
        }
        let (tuples, report) = self
            .ahead
            .pop_front()
            .unwrap_or_else(|| Ok(Default::default()))?;
        self.report.add(report);
        self.ready = tuples.into_iter();
        // What came before the cursor is drawn again and passed over.
        self.ready
            .by_ref()
            .take(self.cursor.tuple as usize)
            .for_each(drop);
        self.is_open = true;
        Ok(())
    }

    /// Moves the cursor to the next block, perhaps of the next epoch.
    fn leave(&mut self) -> Result<(), TupleError> {
        self.is_open = false;
        self.cursor.tuple = 0;
        let next = u64::from(self.cursor.block) + u64::from(self.worker.count);
        if next < u64::from(self.builder.n_blocks()) {
            self.cursor.block = next as u32;
            return Ok(());
        }
        let epoch = self.cursor.epoch;
        if self.n_in_epoch == Some(0) {
            return Err(TupleError::EmptyEpoch { epoch });
        }
        self.n_in_epoch = Some(0);
        self.cursor.epoch = epoch + 1;
        self.cursor.block = self.worker.index;
        if !self.is_over() {
            self.order = self.builder.order(epoch + 1);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.n_epochs.is_some_and(|n| self.cursor.epoch >= n)
    }

    fn step(&mut self) -> Result<Option<TrainingTuple>, TupleError> {
        loop {
            if let Some(tuple) = self.ready.next() {
                self.cursor.tuple += 1;
                self.report.count(&tuple);
                self.n_in_epoch = self.n_in_epoch.map(|n| n + 1);
                return Ok(Some(tuple));
            }
            if self.is_open {
                self.leave()?;
            }
            if self.is_over() {
                return Ok(None);
            }
            self.open()?;
        }
    }
}

impl Iterator for TupleStream<'_> {
    type Item = Result<TrainingTuple, TupleError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.step().transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}

fn fingerprint(builder: &TupleBuilder<'_>, worker: Worker) -> u64 {
    let worker = u64::from(worker.index) << 32 | u64::from(worker.count);
    builder.fingerprint() ^ worker.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
