//! Reading raster tiles on a thread of its own: what the view wants now comes first.

use crate::text::Message;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::map::tiles::TileId;
use crate::store::tiles::{TileImage, TileInfo, TileSource};

/// What comes back.
pub enum TileAnswer {
    /// The source was opened, or could not be.
    Opened(Result<TileInfo, Message>),
    /// A tile; `None` where the source has none.
    Tile(TileId, Result<Option<TileImage>, Message>),
}

#[derive(Default)]
struct Wanted {
    tiles: Vec<TileId>,
    is_over: bool,
}

/// A source of tiles and its thread; the thread ends when this is dropped.
pub struct TileReader {
    wanted: Arc<(Mutex<Wanted>, Condvar)>,
    answers: Receiver<TileAnswer>,
}

impl TileReader {
    /// Opens a source; `wake` is called whenever there is an answer.
    #[must_use]
    pub fn start(path: PathBuf, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let wanted: Arc<(Mutex<Wanted>, Condvar)> = Arc::default();
        let (outbox, answers) = channel();
        let inbox = wanted.clone();
        let run = move || {
            let send = |answer| {
                let is_heard = outbox.send(answer).is_ok();
                wake();
                is_heard
            };
            read(&path, &inbox, &send);
        };
        let _ = std::thread::Builder::new().name("menpai-tiles".into()).spawn(run);
        Self { wanted, answers }
    }

    /// Asks for these tiles, in this order, and for no others any more.
    pub fn want(&self, tiles: Vec<TileId>) {
        let (wanted, signal) = &*self.wanted;
        wanted.lock().unwrap_or_else(PoisonError::into_inner).tiles = tiles;
        signal.notify_one();
    }

    /// The next answer, if there is one.
    #[must_use]
    pub fn poll(&self) -> Option<TileAnswer> {
        self.answers.try_recv().ok()
    }
}

impl Drop for TileReader {
    fn drop(&mut self) {
        let (wanted, signal) = &*self.wanted;
        wanted.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        signal.notify_one();
    }
}

fn read(
    path: &std::path::Path,
    inbox: &(Mutex<Wanted>, Condvar),
    send: &dyn Fn(TileAnswer) -> bool,
) {
    let source = match TileSource::open(path) {
        Ok(source) => source,
        Err(error) => {
            send(TileAnswer::Opened(Err(error)));
            return;
        }
    };
    send(TileAnswer::Opened(Ok(source.info().clone())));
    let (wanted, signal) = inbox;
    loop {
        let tile = {
            let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
            while wanted.tiles.is_empty() && !wanted.is_over {
                wanted = signal.wait(wanted).unwrap_or_else(PoisonError::into_inner);
            }
            if wanted.is_over {
                return;
            }
            wanted.tiles.remove(0)
        };
        if !send(TileAnswer::Tile(tile, source.tile(tile.z, tile.x, tile.y))) {
            return;
        }
    }
}
