//! A question and its answer: [`Query`] is what is asked, [`Ask`] where it is asked from.
//!
//! A new question is a struct with its `Query` (in `asks/`) and a field of the session: whoever asks
//! anew forgets the answer that is still on its way, so that no stale one comes in, and what was shown
//! stays until the new one is there.

use std::any::TypeId;
use std::ops::{Deref, DerefMut};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use super::desk::Desk;
use super::value::Value;
use crate::text::Message;

/// What can be asked of the workspace.
pub trait Query: Send + Sized + 'static {
    /// What comes back.
    type Answer: Send + 'static;
    /// Whether each is answered, also one that a later one has overtaken: it is waited for, or writes
    /// an audit entry.
    const IS_EACH_ANSWERED: bool = false;

    /// Answers, on the query thread. `tell` hands over what is known before the end.
    ///
    /// # Errors
    /// A sentence to be shown in the answer's place.
    fn answer(self, desk: &mut Desk, tell: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message>;
}

enum News<A> {
    /// What is known so far.
    Part(A),
    /// The answer.
    Whole(Result<A, Message>),
}

/// A question on its way to the query thread.
pub struct Asked {
    /// What kind of question it is; `None` where each one is answered.
    pub(super) kind: Option<TypeId>,
    pub(super) run: Box<dyn FnOnce(&mut Desk) + Send>,
}

/// A question that is asked again and again, and its newest answer.
pub struct Ask<Q: Query> {
    value: Value<Q::Answer>,
    news: Option<Receiver<News<Q::Answer>>>,
}

impl<Q: Query> Default for Ask<Q> {
    fn default() -> Self {
        Self { value: Value::Idle, news: None }
    }
}

/// The answer, as it can be shown.
impl<Q: Query> Deref for Ask<Q> {
    type Target = Value<Q::Answer>;
    fn deref(&self) -> &Self::Target {
        &self.value
    }
}

impl<Q: Query> DerefMut for Ask<Q> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.value
    }
}

impl<Q: Query> Ask<Q> {
    /// Asks; the answer before stays until the new one is there. What is returned goes to the query
    /// thread.
    #[must_use]
    pub fn ask(&mut self, query: Q) -> Asked {
        self.value.ask();
        let (sender, news) = channel();
        self.news = Some(news);
        let run = move |desk: &mut Desk| {
            let wake = desk.wake.clone();
            let part = |answer| {
                let _ = sender.send(News::Part(answer));
                wake();
            };
            let answer = query.answer(desk, &part);
            let _ = sender.send(News::Whole(answer));
            wake();
        };
        let kind = (!Q::IS_EACH_ANSWERED).then(TypeId::of::<Q>);
        Asked { kind, run: Box::new(run) }
    }

    /// Asks about something else: the answer before goes.
    #[must_use]
    pub fn ask_anew(&mut self, query: Q) -> Asked {
        self.value = Value::Idle;
        self.ask(query)
    }

    /// Forgets the question and its answer.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What the session does with every question, whatever it asks.
pub(super) trait Pending {
    /// Takes in what has come. Returns whether anything has.
    fn poll(&mut self) -> bool;
    /// Whether an answer is on its way.
    fn is_pending(&self) -> bool;
    /// Forgets question and answer.
    fn forget(&mut self);
}

impl<Q: Query> Pending for Ask<Q> {
    fn poll(&mut self) -> bool {
        let mut has_come = false;
        loop {
            match self.news.as_ref().map(Receiver::try_recv) {
                Some(Ok(News::Part(answer))) => self.value = Value::Pending(Some(answer)),
                Some(Ok(News::Whole(answer))) => {
                    self.value.answer(answer);
                    self.news = None;
                }
                Some(Err(TryRecvError::Disconnected)) => {
                    // The thread is gone, or a later question has taken its place in the queue.
                    self.news = None;
                    self.value.give_up();
                }
                Some(Err(TryRecvError::Empty)) | None => return has_come,
            }
            has_come = true;
        }
    }

    fn is_pending(&self) -> bool {
        self.value.is_pending()
    }

    fn forget(&mut self) {
        Self::forget(self);
    }
}
