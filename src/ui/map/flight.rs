//! A measured flight through the real window: cameras by script, frame times to a log.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::app::Session;
use crate::map::Camera;
use crate::map::flight::{self, Leg};

/// What a flight brings home: the frame times of each leg.
pub type FlightLog = Arc<Mutex<Vec<(&'static str, Vec<Duration>)>>>;

/// What is to be flown.
#[derive(Clone)]
pub struct Plan {
    /// Where the frame times go.
    pub log: FlightLog,
    /// Frames a leg.
    pub frames: u32,
    /// Size of the window, points.
    pub window: [f32; 2],
}

/// A flight to be made as soon as the map is there.
pub(crate) struct Flight {
    plan: Plan,
    legs: Option<std::vec::IntoIter<Leg>>,
    leg: Option<(&'static str, std::vec::IntoIter<Camera>)>,
    times: Vec<Duration>,
    last: Option<Instant>,
    rest: u32,
}

/// A frame of a flight.
pub(crate) enum Step {
    /// The map is not there yet.
    Wait,
    /// Look from here.
    Look(Camera),
    /// The flight is over.
    Done,
}

/// Frames that are not counted before the first leg: panels settle, shaders are made.
const WARM_UP: u32 = 30;

impl Flight {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan, legs: None, leg: None, times: Vec::new(), last: None, rest: WARM_UP }
    }

    /// What the next frame shows.
    pub(crate) fn next(&mut self, session: &Session, size: [f64; 2]) -> Step {
        let Some(scene) = session.scene.get().filter(|_| !session.is_busy()) else {
            return Step::Wait;
        };
        if self.rest > 0 {
            self.rest -= 1;
            return Step::Look(flight::whole(scene, size));
        }
        let now = Instant::now();
        if let Some(last) = self.last.replace(now) {
            self.times.push(now - last);
        }
        let legs = self
            .legs
            .get_or_insert_with(|| flight::legs(scene, size, self.plan.frames).into_iter());
        loop {
            if let Some((name, cameras)) = &mut self.leg {
                if let Some(camera) = cameras.next() {
                    return Step::Look(camera);
                }
                if let Ok(mut log) = self.plan.log.lock() {
                    log.push((*name, std::mem::take(&mut self.times)));
                }
            }
            let Some(leg) = legs.next() else {
                self.leg = None;
                return Step::Done;
            };
            self.leg = Some((leg.name, leg.cameras.into_iter()));
        }
    }
}
