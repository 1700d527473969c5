//! Views one has been at, to go back to and forward again, as in a web browser.

use super::Camera;

/// A view counts when the map stood still there for so long, seconds.
const STAY_SECS: f64 = 0.4;
/// Views that are kept.
const MOST_VIEWS: usize = 64;

/// Views before and after the present one.
#[derive(Default)]
pub struct ViewHistory {
    back: Vec<Camera>,
    forward: Vec<Camera>,
    seen: Option<Camera>,
    /// When the map last moved, seconds.
    moved_at: f64,
    /// Until when movement is our own flight through the history.
    own_until: f64,
}

fn is_same(a: &Camera, b: &Camera) -> bool {
    a.center == b.center && a.zoom == b.zoom
}

impl ViewHistory {
    /// Takes note of where the camera is at a time in seconds; to be called every frame.
    pub fn note(&mut self, camera: &Camera, now: f64) {
        let Some(seen) = self.seen.replace(*camera) else {
            self.moved_at = now;
            return;
        };
        if is_same(&seen, camera) {
            return;
        }
        if now > self.own_until && now - self.moved_at > STAY_SECS {
            self.back.push(seen);
            self.forward.clear();
            let extra = self.back.len().saturating_sub(MOST_VIEWS);
            self.back.drain(..extra);
        }
        self.moved_at = now;
    }

    /// The view before this one; `flight` seconds are given to get there.
    pub fn previous(&mut self, here: &Camera, now: f64, flight: f64) -> Option<Camera> {
        let to = self.back.pop()?;
        self.forward.push(*here);
        self.own_until = now + flight + STAY_SECS;
        Some(to)
    }

    /// The view one came back from.
    pub fn next(&mut self, here: &Camera, now: f64, flight: f64) -> Option<Camera> {
        let to = self.forward.pop()?;
        self.back.push(*here);
        self.own_until = now + flight + STAY_SECS;
        Some(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_and_forth() {
        let at = |zoom: f64| Camera { zoom, ..Camera::default() };
        let mut history = ViewHistory::default();
        history.note(&at(10.0), 0.0);
        // A flight of several frames from 10 to 12 makes one step, not many.
        for (frame, zoom) in [10.5, 11.0, 11.5, 12.0].into_iter().enumerate() {
            history.note(&at(zoom), 5.0 + 0.016 * frame as f64);
        }
        history.note(&at(15.0), 9.0);
        assert_eq!(history.previous(&at(15.0), 10.0, 0.25), Some(at(12.0)));
        history.note(&at(12.0), 10.1);
        assert_eq!(history.previous(&at(12.0), 12.0, 0.25), Some(at(10.0)));
        history.note(&at(10.0), 12.1);
        assert_eq!(history.previous(&at(10.0), 14.0, 0.25), None);
        assert_eq!(history.next(&at(10.0), 14.0, 0.25), Some(at(12.0)));
        history.note(&at(12.0), 14.1);
        // Going somewhere else forgets the way forward.
        history.note(&at(18.0), 20.0);
        assert_eq!(history.next(&at(18.0), 21.0, 0.25), None);
        assert_eq!(history.previous(&at(18.0), 22.0, 0.25), Some(at(12.0)));
    }
}
