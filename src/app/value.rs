//! A value that is worked out in the background, so that a refresh never blanks a panel.

use crate::text::Message;

/// Four states of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value<T> {
    /// Nobody asked.
    #[default]
    Idle,
    /// Asked; the answer before is still there.
    Pending(Option<T>),
    /// Here.
    Ready(T),
    /// It failed; the answer before is still there.
    Failed(Message, Option<T>),
}

impl<T> Value<T> {
    /// What can be shown now.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Ready(value) | Self::Pending(Some(value)) | Self::Failed(_, Some(value)) => {
                Some(value)
            }
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Ready(value) | Self::Pending(Some(value)) | Self::Failed(_, Some(value)) => {
                Some(value)
            }
            _ => None,
        }
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending(_))
    }

    /// Marks it as asked again, keeping the answer before.
    pub fn ask(&mut self) {
        *self = Self::Pending(self.take());
    }

    /// Marks it as asked anew, dropping the answer before.
    pub fn ask_anew(&mut self) {
        *self = Self::Pending(None);
    }

    /// Takes an answer; an error keeps the answer before.
    pub fn answer(&mut self, answer: Result<T, Message>) {
        *self = match answer {
            Ok(value) => Self::Ready(value),
            Err(error) => Self::Failed(error, self.take()),
        };
    }

    /// Waits no longer: the answer before is the answer.
    pub fn give_up(&mut self) {
        *self = self.take().map_or(Self::Idle, Self::Ready);
    }

    fn take(&mut self) -> Option<T> {
        match std::mem::take(self) {
            Self::Ready(value) | Self::Pending(Some(value)) | Self::Failed(_, Some(value)) => {
                Some(value)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_never_blanks() {
        let mut value = Value::default();
        assert_eq!(value.get(), None);
        value.ask();
        value.answer(Ok(1));
        value.ask();
        assert!(value.is_pending() && value.get() == Some(&1));
        value.answer(Err("no".into()));
        assert_eq!(value, Value::Failed("no".into(), Some(1)));
        value.ask_anew();
        assert_eq!(value.get(), None);
    }
}
