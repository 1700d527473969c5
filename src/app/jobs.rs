//! Long work on a thread of its own: named, with progress and cancel; a panic becomes a failure.

use crate::text::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What a running job shares with whoever watches it.
#[derive(Debug, Clone)]
pub struct JobControl {
    cancel: Arc<AtomicBool>,
    /// Progress in 1/10,000; `u32::MAX` while unknown.
    progress: Arc<AtomicU32>,
    /// Rows done, for jobs that count them.
    rows: Arc<AtomicU64>,
    started: Instant,
}

impl Default for JobControl {
    fn default() -> Self {
        Self {
            cancel: Arc::default(),
            progress: Arc::default(),
            rows: Arc::default(),
            started: Instant::now(),
        }
    }
}

/// How fast a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Rows a second; 0 for jobs that count none.
    pub rows_per_s: u64,
    /// Seconds until the end, if it goes on so.
    pub left_s: u64,
}

/// Shorter than this nobody needs to know how long it takes.
const WORTH_TELLING: Duration = Duration::from_secs(2);

impl JobControl {
    /// Asks the job to stop.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// The flag the job looks at.
    #[must_use]
    pub fn cancel_flag(&self) -> &AtomicBool {
        &self.cancel
    }

    /// Tells how far the job is, 0‥1.
    pub fn tell(&self, fraction: f32) {
        self.progress.store((fraction.clamp(0.0, 1.0) * 10_000.0) as u32, Ordering::Relaxed);
    }

    /// Tells how many rows of how many are done.
    pub fn tell_rows(&self, done: u64, total: u64) {
        self.rows.store(done, Ordering::Relaxed);
        self.tell(done as f32 / total.max(1) as f32);
    }

    /// How fast the job is; `None` at its beginning, when nothing is known yet.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        let (elapsed, fraction) = (self.started.elapsed(), f64::from(self.fraction()));
        if elapsed < WORTH_TELLING || fraction < 0.01 {
            return None;
        }
        let secs = elapsed.as_secs_f64();
        let rows = self.rows.load(Ordering::Relaxed) as f64;
        Some(Pace {
            rows_per_s: (rows / secs).round() as u64,
            left_s: (secs * (1.0 - fraction) / fraction).ceil() as u64,
        })
    }

    /// How far the job is, 0‥1.
    #[must_use]
    pub fn fraction(&self) -> f32 {
        self.progress.load(Ordering::Relaxed) as f32 / 10_000.0
    }
}

/// A job somebody waits for.
pub struct Job<T> {
    /// Shared with the thread.
    pub control: JobControl,
    result: Receiver<Result<T, Message>>,
}

impl<T: Send + 'static> Job<T> {
    /// Starts a thread; `wake` is called when it has ended, and whenever it tells progress.
    pub fn start(
        name: &str,
        wake: Arc<dyn Fn() + Send + Sync>,
        work: impl FnOnce(&JobControl) -> Result<T, Message> + Send + 'static,
    ) -> Self {
        let control = JobControl::default();
        let (sender, result) = channel();
        let shared = control.clone();
        let failed = sender.clone();
        let spawned = std::thread::Builder::new().name(format!("menpai-{name}")).spawn(move || {
            let work = std::panic::AssertUnwindSafe(|| work(&shared));
            let done = std::panic::catch_unwind(work)
                .unwrap_or_else(|_| Err("the job broke off by a fault in the program".into()));
            let _ = sender.send(done);
            wake();
        });
        if let Err(error) = spawned {
            let _ = failed.send(Err(Message::of(error)));
        }
        Self { control, result }
    }

    /// The result, once.
    #[must_use]
    pub fn poll(&self) -> Option<Result<T, Message>> {
        self.result.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T: Send + 'static>(job: &Job<T>) -> Result<T, Message> {
        loop {
            if let Some(done) = job.poll() {
                return done;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_pace_is_told_when_it_is_known() {
        let mut control = JobControl::default();
        control.tell_rows(40_000, 100_000);
        assert_eq!(control.pace(), None, "it has just begun");
        control.started = Instant::now().checked_sub(Duration::from_secs(4)).unwrap();
        let pace = control.pace().unwrap();
        assert!((9_900..=10_000).contains(&pace.rows_per_s), "{pace:?}");
        assert!((6..=7).contains(&pace.left_s), "{pace:?}");
    }

    #[test]
    fn jobs_end_cancel_and_survive_panics() {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {});
        assert_eq!(wait(&Job::start("a", wake.clone(), |_| Ok(7))), Ok(7));
        let endless = Job::start("b", wake.clone(), |control| {
            while !control.cancel_flag().load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            Err::<(), _>("cancelled".into())
        });
        endless.control.cancel();
        assert_eq!(wait(&endless), Err("cancelled".into()));
        let broken = Job::<()>::start("c", wake, |_| panic!("on purpose"));
        assert!(wait(&broken).unwrap_err().to_string().contains("broke off"));
    }
}
