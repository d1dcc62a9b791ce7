//! The queue of calls before the workers: bounded, and served by priority rather than by arrival, so that a started
//! chapter is finished before the next one begins.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Order of a call: place in reading order, then step; smaller first.
pub type Priority = (u32, u32, u32);

/// A bounded queue by priority. When it is full the planner waits: it holds only what can be planned again.
#[derive(Debug)]
pub struct CallQueue<T> {
    /// What waits, by priority and then by arrival. Also tells whether more will come.
    inner: Mutex<Inner<T>>,
    /// Wakes one worker for each call that came, and all when the queue closes.
    arrived: Notify,
    capacity: usize,
}

#[derive(Debug)]
struct Inner<T> {
    waiting: BTreeMap<(Priority, u64), T>,
    arrivals: u64,
    closed: bool,
    paused: bool,
}

impl<T> CallQueue<T> {
    pub fn new(capacity: usize) -> Self {
        let inner = Inner { waiting: BTreeMap::new(), arrivals: 0, closed: false, paused: false };
        Self { inner: Mutex::new(inner), arrived: Notify::new(), capacity: capacity.max(1) }
    }

    /// Calls waiting.
    pub fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Room left.
    pub fn room(&self) -> usize {
        self.capacity.saturating_sub(self.len())
    }

    /// Adds a call. Returns it when the queue is full or closed.
    pub fn push(&self, priority: Priority, call: T) -> Result<(), T> {
        {
            let mut inner = self.lock();
            if inner.closed || inner.waiting.len() >= self.capacity {
                return Err(call);
            }
            let arrival = inner.arrivals;
            inner.arrivals += 1;
            inner.waiting.insert((priority, arrival), call);
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits until there is a call to take; false once the queue is closed. Another worker may be faster.
    pub async fn ready(&self) -> bool {
        loop {
            let arrived = self.arrived.notified();
            {
                let inner = self.lock();
                if inner.closed {
                    return false;
                }
                if !inner.paused && !inner.waiting.is_empty() {
                    return true;
                }
            }
            arrived.await;
        }
    }

    /// The most urgent call, if there is one to take.
    pub fn take(&self) -> Option<T> {
        let mut inner = self.lock();
        if inner.closed || inner.paused {
            return None;
        }
        let (_, call) = inner.waiting.pop_first()?;
        if !inner.waiting.is_empty() {
            self.arrived.notify_one();
        }
        Some(call)
    }

    /// Holds calls back, or lets them go on.
    pub fn pause(&self, paused: bool) {
        self.lock().paused = paused;
        if !paused {
            self.arrived.notify_waiters();
            self.arrived.notify_one();
        }
    }

    /// Drops the calls that `keep` refuses.
    pub fn retain(&self, mut keep: impl FnMut(&T) -> bool) {
        self.lock().waiting.retain(|_, call| keep(call));
    }

    /// Drops what waits and lets every worker go home.
    pub fn close(&self) {
        {
            let mut inner = self.lock();
            inner.closed = true;
            inner.waiting.clear();
        }
        self.arrived.notify_waiters();
    }

    /// A panicking holder cannot leave the map half changed, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn next<T>(queue: &CallQueue<T>) -> Option<T> {
        while queue.ready().await {
            if let Some(call) = queue.take() {
                return Some(call);
            }
        }
        None
    }

    #[tokio::test]
    async fn calls_come_in_reading_order_whatever_order_they_arrived_in() {
        let queue = CallQueue::new(8);
        for place in [3, 1, 2] {
            queue.push((place, 0, 0), place).unwrap();
        }
        queue.push((1, 1, 0), 11).unwrap();
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(next(&queue).await.unwrap());
        }
        assert_eq!(order, [1, 11, 2, 3]);
    }

    #[tokio::test]
    async fn a_full_queue_gives_the_call_back() {
        let queue = CallQueue::new(2);
        queue.push((0, 0, 0), 'a').unwrap();
        queue.push((0, 0, 0), 'b').unwrap();
        assert_eq!(queue.push((0, 0, 0), 'c'), Err('c'));
        assert_eq!(queue.room(), 0);
    }

    #[tokio::test]
    async fn every_waiting_worker_gets_a_call_or_is_sent_home() {
        let queue = Arc::new(CallQueue::new(64));
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    let mut taken = 0;
                    while next(&queue).await.is_some() {
                        taken += 1;
                        tokio::task::yield_now().await;
                    }
                    taken
                })
            })
            .collect();
        for n in 0..40 {
            queue.push((n, 0, 0), n).unwrap();
            tokio::task::yield_now().await;
        }
        while queue.len() > 0 {
            tokio::task::yield_now().await;
        }
        queue.close();
        let mut taken = 0;
        for worker in workers {
            taken += worker.await.unwrap();
        }
        assert_eq!(taken, 40);
    }

    #[tokio::test]
    async fn a_paused_queue_holds_its_calls_back() {
        let queue = Arc::new(CallQueue::new(4));
        queue.pause(true);
        queue.push((0, 0, 0), 7).unwrap();
        let worker = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { next(&queue).await }
        });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(queue.len(), 1);
        queue.pause(false);
        assert_eq!(worker.await.unwrap(), Some(7));
    }
}
